#include "native/sys/socket.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "native/sys/poll.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::Address;
using iomux::InternetName;
using iomux::NameOf;
using iomux::ParseInternetAddress;
using iomux::Poll;
using iomux::PollEntry;
using iomux::UniqueFd;
using iomux::test::Connection;
using iomux::test::ConnectOverLoopback;
using iomux::test::IsCloseOnExec;
using iomux::test::IsNonBlocking;

namespace {

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

// On the loopback interface, connect(2) may have its answer at once.
int ConnectAndWait(int fd, const Address& address) {
  const int result = iomux::Connect(fd, address);
  if (result != -EINPROGRESS) return result;
  WaitFor(fd, POLLOUT);
  return iomux::SocketError(fd);
}

}  // namespace

TEST(AddressesSurviveTheWayThereAndBack) {
  for (const char* text : {"127.0.0.1", "0.0.0.0", "255.255.255.255"}) {
    const InternetName name = NameOf(Parse(text, 65535));
    CHECK_EQ(name.address, text);
    CHECK_EQ(name.port, 65535);
    CHECK_EQ(name.family, 4);
  }
  for (const char* text : {"::", "::1", "2001:db8::ff00:42:8329", "::ffff:192.0.2.1"}) {
    const InternetName name = NameOf(Parse(text, 1));
    CHECK_EQ(name.address, text);
    CHECK_EQ(name.port, 1);
    CHECK_EQ(name.family, 6);
  }
}

TEST(WhatIsNoAddressIsRefused) {
  for (const char* text : {"", "localhost", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.4%lo",
                           ":::", "1::2::3", "::1%", "::1%no-such-interface", "%", ":"}) {
    Address address;
    CHECK_EQ(ParseInternetAddress(text, 0, &address), -EINVAL);
  }
}

TEST(AZoneBecomesItsInterface) {
#ifdef __APPLE__
  const std::string loopback = "lo0";
#else
  const std::string loopback = "lo";
#endif
  const Address address = Parse("fe80::1%" + loopback, 7);
  const auto* in = reinterpret_cast<const sockaddr_in6*>(address.get());
  CHECK(in->sin6_scope_id != 0);
  CHECK_EQ(NameOf(address).address, "fe80::1");
}

TEST(AnAddressOfAnotherFamilyHasNoName) {
  int ends[2] = {-1, -1};
  CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const UniqueFd first(ends[0]);
  const UniqueFd second(ends[1]);
  Address address;
  CHECK_EQ(iomux::LocalAddress(first.get(), &address), 0);
  CHECK_EQ(NameOf(address).family, 0);
  CHECK_EQ(NameOf(address).address, "");
}

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
  CHECK_EQ(NameOf(local).port, NameOf(remote).port);
  CHECK_EQ(NameOf(remote).address, "127.0.0.1");
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
  CHECK_EQ(iomux::LocalAddress(fd, &address), -ENOTSOCK);
  CHECK_EQ(iomux::RemoteAddress(fd, &address), -ENOTSOCK);
}
