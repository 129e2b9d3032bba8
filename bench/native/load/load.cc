#include "load/load.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "support/stream_socket.h"

namespace bench {
namespace {

// Only for a server that does not answer at all.
constexpr double kDrainSeconds = 20;

// Enough that the server always has something to do.
constexpr size_t kBusyMessageSize = 16 * 1024;
constexpr int kBusyDepth = 16;

}  // namespace

Load::Load(const Options& options)
    : traffic_(options.message_size, 1),
      busy_traffic_(kBusyMessageSize, kBusyDepth),
      posting_(static_cast<size_t>(options.connections)),
      interval_(options.rate > 0 ? FromSeconds(1 / options.rate) : Duration::zero()) {
  const Address address = Address::Parse(options.address.c_str());
  for (int i = 0; i < options.connections; ++i) Connect(address, &traffic_);
  for (int i = 0; i < options.busy; ++i) Connect(address, &busy_traffic_);
}

void Load::Connect(const Address& address, Traffic* traffic) {
  // Far apart and never a multiple of the pattern's period.
  constexpr uint64_t kStride = 1009;
  const uint64_t index = connections_.size();
  UniqueFd fd = ConnectTo(address);
  // Edge-triggered in both directions, once: no connection costs an epoll_ctl while it runs.
  epoll_.Add(fd.get(), EPOLLIN | EPOLLOUT | EPOLLET, index);
  connections_.push_back(std::make_unique<Connection>(std::move(fd), index * kStride, traffic));
}

void Load::Start() {
  const bool has_timetable = interval_ > Duration::zero();
  traffic_.goes_on = !has_timetable;
  next_due_ = Clock::now();
  for (size_t i = has_timetable ? posting_ : 0; i < connections_.size(); ++i) {
    Settle(connections_[i], connections_[i]->Start());
  }
}

void Load::RunFor(double seconds) {
  const Time deadline = Clock::now() + FromSeconds(seconds);
  while (Clock::now() < deadline) {
    PostDue();
    HandleReady(deadline);
  }
  // Messages that became due during the last wait belong to this time.
  PostDue();
}

void Load::PostDue() {
  if (interval_ == Duration::zero()) return;
  for (; next_due_ <= Clock::now(); next_due_ += interval_) {
    auto& connection = connections_[next_connection_];
    if (connection) Settle(connection, connection->Post(next_due_));
    next_connection_ = (next_connection_ + 1) % posting_;
  }
}

void Load::Drain() {
  traffic_.goes_on = false;
  busy_traffic_.goes_on = false;
  const Time deadline = Clock::now() + FromSeconds(kDrainSeconds);
  while (!AllIdle() && Clock::now() < deadline) HandleReady(deadline);
  for (auto& connection : connections_) {
    if (connection && !connection->idle()) Settle(connection, "the server did not answer");
  }
}

void Load::HandleReady(Time deadline) {
  // A timetable is finer than the milliseconds of epoll_wait: do not sleep.
  const int timeout = interval_ > Duration::zero() ? 0 : MillisecondsUntil(deadline);
  epoll_.Wait(timeout, [this](uint32_t, uint64_t index) {
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
