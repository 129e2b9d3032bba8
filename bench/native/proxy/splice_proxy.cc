// splice_proxy: forwards every connection to one other address, both ways, by splice(2) through a
// pipe: the physical limit of a proxy with one thread. The bytes never enter the process, and over
// loopback they are not copied either.
//
// Serves until its standard input ends.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "support/address.h"
#include "support/control.h"
#include "support/epoll.h"
#include "support/must.h"
#include "support/stream_socket.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

constexpr size_t kPipeSize = 1 << 20;
// Pipefuls of one direction before the others get their turn.
constexpr int kTurn = 8;

// One direction of a connection.
class Direction {
 public:
  enum class State { kBlocked, kGoesOn, kEnded, kFailed };

  Direction(int from, int to) : from_(from), to_(to) {
    std::array<int, 2> ends;
    Must(pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), "pipe2");
    reader_ = UniqueFd(ends[0]);
    writer_ = UniqueFd(ends[1]);
    // May fail: what a user who is not root may have in all pipes together is limited. A small pipe
    // is only slower.
    static_cast<void>(fcntl(ends[1], F_SETPIPE_SZ, kPipeSize));
  }

  [[nodiscard]] State Pump() {
    if (ended_) return State::kEnded;
    for (int i = 0; i < kTurn; ++i) {
      if (held_ == 0) {
        const ssize_t taken = Splice(from_, writer_.get(), kPipeSize);
        if (taken < 0) return Blocked();
        if (taken == 0) return End();
        held_ = static_cast<size_t>(taken);
      }
      const ssize_t given = Splice(reader_.get(), to_, held_);
      if (given < 0) return Blocked();
      held_ -= static_cast<size_t>(given);
    }
    return State::kGoesOn;
  }

 private:
  [[nodiscard]] static ssize_t Splice(int from, int to, size_t length) {
    return splice(from, nullptr, to, nullptr, length, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  }

  [[nodiscard]] static State Blocked() {
    return errno == EAGAIN ? State::kBlocked : State::kFailed;
  }

  [[nodiscard]] State End() {
    ended_ = true;
    return shutdown(to_, SHUT_WR) == 0 ? State::kEnded : State::kFailed;
  }

  const int from_;
  const int to_;
  UniqueFd reader_;
  UniqueFd writer_;
  // Bytes in the pipe.
  size_t held_ = 0;
  bool ended_ = false;
};

class Connection {
 public:
  Connection(UniqueFd client, UniqueFd upstream)
      : client_(std::move(client)),
        upstream_(std::move(upstream)),
        there_(client_.get(), upstream_.get()),
        back_(upstream_.get(), client_.get()) {}

  using State = Direction::State;

  [[nodiscard]] State Pump() {
    const State there = there_.Pump();
    const State back = back_.Pump();
    for (const State state : {State::kFailed, State::kGoesOn, State::kBlocked}) {
      if (there == state || back == state) return state;
    }
    return State::kEnded;
  }

  // Whether it is in `going_on_`.
  bool queued = false;

 private:
  UniqueFd client_;
  UniqueFd upstream_;
  Direction there_;
  Direction back_;
};

class Proxy {
 public:
  Proxy(const Address& address, const Address& upstream)
      : listener_(ListenOn(address)), upstream_(upstream) {
    epoll_.Add(listener_.get(), EPOLLIN, kListener);
    epoll_.Add(Control::kFd, EPOLLIN, kControl);
    Control::Announce(Address::Of(listener_.get()).text());
  }

  void Run() {
    while (!control_.ended()) {
      epoll_.Wait(going_on_.empty() ? -1 : 0, [this](uint32_t, uint64_t data) { OnReady(data); });
      for (const uint64_t index : std::exchange(going_on_, {})) {
        if (connections_[index]) connections_[index]->queued = false;
        Pump(index);
      }
    }
  }

 private:
  static constexpr uint64_t kListener = UINT64_MAX;
  static constexpr uint64_t kControl = UINT64_MAX - 1;

  void OnReady(uint64_t data) {
    if (data == kListener) return Accept();
    if (data == kControl) return control_.OnReadable({});
    Pump(data);
  }

  // Edge-triggered: there is no further event for a connection that stops before EAGAIN, so it is
  // queued.
  void Pump(uint64_t index) {
    auto& connection = connections_[index];
    if (connection == nullptr || connection->queued) return;
    const Direction::State state = connection->Pump();
    if (state == Direction::State::kFailed || state == Direction::State::kEnded) {
      return connection.reset();
    }
    connection->queued = state == Direction::State::kGoesOn;
    if (connection->queued) going_on_.push_back(index);
  }

  void Accept() {
    AcceptAll(listener_.get(), [this](UniqueFd client) {
      UniqueFd upstream = ConnectTo(upstream_);
      const uint64_t index = connections_.size();
      for (const int fd : {client.get(), upstream.get()}) {
        epoll_.Add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, index);
      }
      connections_.push_back(std::make_unique<Connection>(std::move(client), std::move(upstream)));
    });
  }

  Epoll epoll_;
  Control control_;
  UniqueFd listener_;
  const Address upstream_;
  // One that has ended leaves nullptr: the indexes are what epoll hands back.
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<uint64_t> going_on_;
};

int Main(int argc, char** argv) {
  if (argc != 3) Fail("usage", "splice_proxy UPSTREAM ADDRESS");
  RaiseDescriptorLimit();
  // splice(2) has no MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  Proxy(Address::Parse(argv[2]), Address::Parse(argv[1])).Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
