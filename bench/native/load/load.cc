#include "load/load.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "support/address.h"
#include "support/stream_socket.h"

namespace bench {
namespace {

constexpr double kDrainSeconds = 2;

}  // namespace

Load::Load(const Options& options) : traffic_(options.message_size, options.depth) {
  Connect(options);
  for (auto& connection : connections_) Settle(connection, connection->Start());
}

void Load::Connect(const Options& options) {
  const Address address = Address::Parse(options.address.c_str());
  // Far apart and never a multiple of the pattern's period.
  constexpr uint64_t kStride = 1009;
  for (uint64_t i = 0; i < static_cast<uint64_t>(options.connections); ++i) {
    UniqueFd fd = ConnectTo(address);
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
