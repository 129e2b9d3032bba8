#include "native/sys/socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "native/sys/poll.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::Address;
using iomux::ParseInternetAddress;
using iomux::Poll;
using iomux::PollEntry;
using iomux::UniqueFd;
using iomux::test::Connection;
using iomux::test::ConnectOverLoopback;
using iomux::test::IsCloseOnExec;
using iomux::test::IsNonBlocking;

namespace {

std::string HostOf(const Address& address) {
  char host[iomux::kHostLength];
  iomux::WriteHost(address, host);
  return host;
}

Address Parse(const std::string& text, int port) {
  Address address;
  CHECK_EQ(ParseInternetAddress(text, port, &address), 0);
  return address;
}

void WaitFor(int fd, int events) {
  PollEntry entry = {fd, events, 0};
  CHECK_EQ(Poll(&entry, 1, -1), 1);
}

// A listener made with the functions under test.
UniqueFd Listener(Address* address) {
  UniqueFd listener(iomux::OpenSocket(AF_INET, SOCK_STREAM, 0));
  CHECK_EQ(iomux::Bind(listener.get(), Parse("127.0.0.1", 0)), 0);
  CHECK_EQ(iomux::Listen(listener.get(), 8), 0);
  CHECK_EQ(iomux::LocalAddress(listener.get(), address), 0);
  return listener;
}

// On the loopback interface, connect(2) may succeed at once.
int ConnectAndWait(int fd, const Address& address) {
  const int result = iomux::Connect(fd, address);
  if (result != -EINPROGRESS) return result;
  WaitFor(fd, POLLOUT);
  return iomux::SocketError(fd);
}

}  // namespace

TEST(SocketsAreNonBlockingAndCloseOnExec) {
  const UniqueFd fd(iomux::OpenSocket(AF_INET, SOCK_STREAM, 0));
  CHECK(fd.valid());
  CHECK(IsNonBlocking(fd.get()));
  CHECK(IsCloseOnExec(fd.get()));
}

TEST(AnUnknownFamilyIsAnError) { CHECK_EQ(iomux::OpenSocket(-1, SOCK_STREAM, 0), -EAFNOSUPPORT); }

TEST(AcceptAnswersEagainThenTheConnection) {
  Address address;
  const UniqueFd listener = Listener(&address);
  CHECK_EQ(iomux::Accept(listener.get()), -EAGAIN);
  const UniqueFd client(iomux::OpenSocket(AF_INET, SOCK_STREAM, 0));
  CHECK_EQ(ConnectAndWait(client.get(), address), 0);
  WaitFor(listener.get(), POLLIN);
  const UniqueFd server(iomux::Accept(listener.get()));
  CHECK(server.valid());
  CHECK(IsNonBlocking(server.get()));
  CHECK(IsCloseOnExec(server.get()));
  CHECK_EQ(iomux::Accept(listener.get()), -EAGAIN);

  Address local;
  Address remote;
  CHECK_EQ(iomux::LocalAddress(client.get(), &local), 0);
  CHECK_EQ(iomux::RemoteAddress(server.get(), &remote), 0);
  CHECK_EQ(std::memcmp(&local.storage, &remote.storage, local.length), 0);
  CHECK_EQ(HostOf(remote), "127.0.0.1");
}

TEST(WhetherASocketListensIsKnown) {
  Address address;
  const UniqueFd listener = Listener(&address);
  CHECK_EQ(iomux::IsListening(listener.get()), 1);
  const UniqueFd other(iomux::OpenSocket(AF_INET, SOCK_STREAM, 0));
  CHECK_EQ(iomux::IsListening(other.get()), 0);
}

TEST(APortIsSharedWhereTheSystemCan) {
  if (iomux::kSharePort < 0) return;
  Address address;
  const UniqueFd first(iomux::OpenSocket(AF_INET, SOCK_STREAM, 0));
  const UniqueFd second(iomux::OpenSocket(AF_INET, SOCK_STREAM, 0));
  for (const int fd : {first.get(), second.get()}) {
    CHECK_EQ(iomux::SetOption(fd, SOL_SOCKET, iomux::kSharePort, 1), 0);
  }
  CHECK_EQ(iomux::Bind(first.get(), Parse("127.0.0.1", 0)), 0);
  CHECK_EQ(iomux::LocalAddress(first.get(), &address), 0);
  CHECK_EQ(iomux::Bind(second.get(), address), 0);
}

TEST(ARefusedConnectionTellsOnce) {
  Address address;
  Listener(&address).reset();
  const UniqueFd client(iomux::OpenSocket(AF_INET, SOCK_STREAM, 0));
  CHECK_EQ(ConnectAndWait(client.get(), address), -ECONNREFUSED);
  CHECK_EQ(iomux::SocketError(client.get()), 0);
}

TEST(AResetConnectionHasNoRemoteAddress) {
  Connection connection = ConnectOverLoopback();
  const linger reset = {1, 0};
  CHECK_EQ(setsockopt(connection.client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
  connection.client.reset();
  WaitFor(connection.server.get(), POLLIN);
  CHECK_EQ(iomux::SocketError(connection.server.get()), -ECONNRESET);
  Address address;
  const int result = iomux::RemoteAddress(connection.server.get(), &address);
  CHECK(result == -ENOTCONN || result == -EINVAL);  // Linux, Darwin
}

TEST(ShutdownSendsTheEndOfTheStream) {
  const Connection connection = ConnectOverLoopback();
  CHECK_EQ(iomux::Shutdown(connection.client.get(), SHUT_WR), 0);
  char byte = 0;
  CHECK_EQ(read(connection.server.get(), &byte, 1), 0);
}

TEST(OptionsAreSet) {
  const Connection connection = ConnectOverLoopback();
  const int fd = connection.client.get();
  for (const int wanted : {1, 0}) {
    CHECK_EQ(iomux::SetOption(fd, IPPROTO_TCP, TCP_NODELAY, wanted), 0);
    int value = -1;
    socklen_t length = sizeof value;
    CHECK_EQ(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length), 0);
    CHECK_EQ(value != 0, wanted != 0);
  }
  CHECK_EQ(iomux::SetOption(fd, IPPROTO_TCP, 0x7fff, 1), -ENOPROTOOPT);
}

TEST(AnOptionIsReadAndWrittenAsBytes) {
  const UniqueFd fd(iomux::OpenSocket(AF_INET, SOCK_STREAM, 0));
  const linger wanted = {1, 7};
  const auto* bytes = reinterpret_cast<const uint8_t*>(&wanted);
  CHECK_EQ(iomux::SetOptionBytes(fd.get(), SOL_SOCKET, SO_LINGER, bytes, sizeof wanted), 0);
  linger found = {};
  auto* into = reinterpret_cast<uint8_t*>(&found);
  CHECK_EQ(iomux::GetOption(fd.get(), SOL_SOCKET, SO_LINGER, into, sizeof found),
           static_cast<int>(sizeof found));
  CHECK_EQ(found.l_onoff != 0, true);
  CHECK_EQ(found.l_linger, 7);
  CHECK_EQ(iomux::SetOptionBytes(fd.get(), SOL_SOCKET, SO_LINGER, bytes, 1), -EINVAL);
  CHECK_EQ(iomux::GetOption(fd.get(), IPPROTO_TCP, 0x7fff, into, sizeof found), -ENOPROTOOPT);
}

TEST(BothEndsOfAPairAreNonBlockingAndCloseOnExec) {
  int ends[2] = {-1, -1};
  CHECK_EQ(iomux::SocketPair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
  const UniqueFd first(ends[0]);
  const UniqueFd second(ends[1]);
  for (const int fd : ends) {
    CHECK(IsNonBlocking(fd));
    CHECK(IsCloseOnExec(fd));
  }
  CHECK_EQ(iomux::Send(ends[0], reinterpret_cast<const uint8_t*>("one"), 3), 3);
  uint8_t bytes[8];
  CHECK_EQ(iomux::Receive(ends[1], bytes, sizeof bytes), 3);
  CHECK_EQ(iomux::SocketPair(AF_UNIX, 0x7f, 0, ends) < 0, true);
}

TEST(WhatIsNoSocketIsRefusedByEveryCall) {
  const UniqueFd device(open("/dev/null", O_RDWR));
  const int fd = device.get();
  Address address = Parse("127.0.0.1", 0);
  CHECK_EQ(iomux::Bind(fd, address), -ENOTSOCK);
  CHECK_EQ(iomux::Listen(fd, 1), -ENOTSOCK);
  CHECK_EQ(iomux::Accept(fd), -ENOTSOCK);
  CHECK_EQ(iomux::Connect(fd, address), -ENOTSOCK);
  CHECK_EQ(iomux::Shutdown(fd, SHUT_WR), -ENOTSOCK);
  CHECK_EQ(iomux::SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1), -ENOTSOCK);
  CHECK_EQ(iomux::SocketError(fd), -ENOTSOCK);
  CHECK_EQ(iomux::IsListening(fd), -ENOTSOCK);
  CHECK_EQ(iomux::LocalAddress(fd, &address), -ENOTSOCK);
  CHECK_EQ(iomux::RemoteAddress(fd, &address), -ENOTSOCK);
}
