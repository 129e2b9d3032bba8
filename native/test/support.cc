#include "native/test/support.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "native/sys/io.h"
#include "native/test/check.h"

namespace iomux::test {
namespace {

std::atomic<int> interruptions{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler writes it");

void OnSignal(int) { interruptions.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

Ends OpenPipe() {
  int ends[2] = {-1, -1};
  CHECK_EQ(Pipe(ends), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) >= 0; }

bool IsReadable(int fd) {
  pollfd descriptor = {fd, POLLIN, 0};
  return poll(&descriptor, 1, 0) == 1 && (descriptor.revents & POLLIN) != 0;
}

bool IsNonBlocking(int fd) { return (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0; }

bool IsCloseOnExec(int fd) { return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

void WriteByte(int fd) { CHECK_EQ(write(fd, "x", 1), 1); }

UniqueFd ListenOnLoopback(int* port) {
  UniqueFd listener(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  CHECK_EQ(bind(listener.get(), name, length), 0);
  CHECK_EQ(listen(listener.get(), 8), 0);
  CHECK_EQ(getsockname(listener.get(), name, &length), 0);
  *port = ntohs(address.sin_port);
  return listener;
}

Connection ConnectOverLoopback() {
  int port = 0;
  const UniqueFd listener = ListenOnLoopback(&port);
  UniqueFd client(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK_EQ(connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  UniqueFd server(accept(listener.get(), nullptr, nullptr));
  CHECK(server.valid());
  return {std::move(client), std::move(server)};
}

void AwaitArrival() {
#ifndef __linux__
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
#endif
}

Interruptions::Interruptions() {
  struct sigaction action = {};
  action.sa_handler = OnSignal;  // without SA_RESTART
  CHECK_EQ(sigaction(SIGUSR1, &action, nullptr), 0);
  interruptions = 0;
  thread_ = std::thread([this, interrupted = pthread_self()] {
    while (!stopped_) {
      pthread_kill(interrupted, SIGUSR1);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
}

Interruptions::~Interruptions() {
  stopped_ = true;
  thread_.join();
}

int Interruptions::Count() { return interruptions.load(std::memory_order_relaxed); }

DescriptorLimit::DescriptorLimit() {
  CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
  Set(before_.rlim_max);
}

DescriptorLimit::DescriptorLimit(rlim_t limit) {
  CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
  Set(limit);
}

DescriptorLimit::~DescriptorLimit() { Set(before_.rlim_cur); }

void DescriptorLimit::Set(rlim_t limit) const {
  const rlimit wanted = {limit, before_.rlim_max};
  CHECK_EQ(setrlimit(RLIMIT_NOFILE, &wanted), 0);
}

}  // namespace iomux::test
