#include "load/load.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "support/must.h"

namespace bench {
namespace {

constexpr double kDrainSeconds = 2;

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses Resolve(const Options& options) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(options.host.c_str(), options.port.c_str(), &hints, &list);
  if (error != 0) Fail(options.host.c_str(), gai_strerror(error));
  return Addresses(list);
}

// Blocks until connected, which keeps the set-up simple and off the clock.
UniqueFd ConnectTo(const addrinfo& address) {
  UniqueFd fd(Must(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  Must(connect(fd.get(), address.ai_addr, address.ai_addrlen), "connect");
  const int on = 1;
  Must(setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
  Must(fcntl(fd.get(), F_SETFL, O_NONBLOCK), "fcntl");
  return fd;
}

}  // namespace

Load::Load(const Options& options) : traffic_(options.message_size, options.depth) {
  Connect(options);
  for (auto& connection : connections_) Settle(connection, connection->Start());
}

void Load::Connect(const Options& options) {
  const Addresses addresses = Resolve(options);
  // Far apart and never a multiple of the pattern's period.
  constexpr uint64_t kStride = 1009;
  for (uint64_t i = 0; i < static_cast<uint64_t>(options.connections); ++i) {
    UniqueFd fd = ConnectTo(*addresses);
    // Edge-triggered in both directions, once: no connection costs an epoll_ctl while it runs.
    epoll_.Add(fd.get(), EPOLLIN | EPOLLOUT | EPOLLET, i);
    connections_.push_back(std::make_unique<Connection>(std::move(fd), i * kStride, &traffic_));
  }
}

void Load::RunFor(double seconds) {
  const Time deadline = Clock::now() + FromSeconds(seconds);
  while (Clock::now() < deadline) HandleReady(deadline);
}

void Load::Drain() {
  traffic_.goes_on = false;
  const Time deadline = Clock::now() + FromSeconds(kDrainSeconds);
  while (!AllIdle() && Clock::now() < deadline) HandleReady(deadline);
  for (auto& connection : connections_) {
    if (connection && !connection->idle()) Settle(connection, "the server did not answer");
  }
}

void Load::HandleReady(Time deadline) {
  epoll_.Wait(MillisecondsUntil(deadline), [this](uint32_t, uint64_t index) {
    auto& connection = connections_[index];
    Settle(connection, connection->OnReady());
  });
}

void Load::Settle(std::unique_ptr<Connection>& connection, const char* failure) {
  if (failure == nullptr) return;
  std::fprintf(stderr, "connection %td: %s\n", &connection - connections_.data(), failure);
  ++errors_;
  connection.reset();
}

bool Load::AllIdle() const {
  return std::all_of(connections_.begin(), connections_.end(), [](const auto& connection) {
    return connection == nullptr || connection->idle();
  });
}

}  // namespace bench
