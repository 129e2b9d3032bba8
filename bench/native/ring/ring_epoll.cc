// ring_epoll: the ring on epoll(7) in C, the limit of the others. Bytes go around a ring of socket
// pairs, as in libevent's bench.c: a byte that is read from one pair is written to the next.
//
// Prints {"events":N,"seconds":S,"cpuSeconds":S}.

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "support/clock.h"
#include "support/epoll.h"
#include "support/must.h"
#include "support/number.h"
#include "support/turns.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

class Ring {
 public:
  explicit Ring(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      int fds[2];
      Must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), "socketpair");
      epoll_.Add(fds[0], EPOLLIN, i);
      pairs_.push_back({UniqueFd(fds[0]), UniqueFd(fds[1])});
    }
  }

  // Writes `active` bytes, passes bytes on `writes` times, and reads those that are left.
  void Run(size_t active, uint64_t writes) {
    const size_t space = pairs_.size() / active;
    for (size_t i = 0; i < active; ++i) Put(i * space);
    writes_ = writes;
    in_flight_ = active;
    while (in_flight_ > 0) {
      epoll_.Wait(-1, [this](uint32_t, uint64_t index) { OnReadable(index); });
    }
  }

  [[nodiscard]] uint64_t events() const { return events_; }

 private:
  struct Pair {
    UniqueFd reading;
    UniqueFd writing;
  };

  void OnReadable(size_t index) {
    char byte;
    const ssize_t length = recv(pairs_[index].reading.get(), &byte, sizeof byte, 0);
    if (length < 0 && errno == EAGAIN) return;
    Must(length, "recv");
    ++events_;
    if (writes_ == 0) {
      --in_flight_;
      return;
    }
    --writes_;
    Put(index + 1 == pairs_.size() ? 0 : index + 1);
  }

  void Put(size_t index) const {
    Must(send(pairs_[index].writing.get(), "e", 1, MSG_NOSIGNAL), "send");
  }

  Epoll epoll_;
  std::vector<Pair> pairs_;
  uint64_t writes_ = 0;
  size_t in_flight_ = 0;
  uint64_t events_ = 0;
};

int Main(int argc, char** argv) {
  if (argc < 6) Fail("usage", "ring_epoll PAIRS ACTIVE WRITES LEAD-SECONDS SECONDS");
  RaiseDescriptorLimit();
  const auto pairs = ParseInteger<size_t>("PAIRS", argv[1], 1, 1000000);
  const auto active = ParseInteger<size_t>("ACTIVE", argv[2], 1, pairs);
  const auto writes = ParseInteger<uint64_t>("WRITES", argv[3], 0, 1000000);
  const double lead = ParseDouble("LEAD-SECONDS", argv[4], 0, 3600);
  const double seconds = ParseDouble("SECONDS", argv[5], 0.001, 3600);
  Ring ring(pairs);
  TakeTurns(lead, seconds, [&](Time deadline) {
    const uint64_t before = ring.events();
    do ring.Run(active, writes);
    while (Clock::now() < deadline);
    return ring.events() - before;
  });
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
