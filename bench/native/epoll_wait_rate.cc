// epoll_wait_rate: how many readiness events per second the kernel itself can report: a loop of
// nothing but epoll_wait(2) over descriptors that are always ready.
//
// In turns: see support/turns.h.

#include <sys/eventfd.h>

#include <cstdint>
#include <vector>

#include "support/clock.h"
#include "support/epoll.h"
#include "support/must.h"
#include "support/number.h"
#include "support/turns.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

class ReadyDescriptors {
 public:
  explicit ReadyDescriptors(int count) {
    for (int i = 0; i < count; ++i) {
      const int fd = Must(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
      descriptors_.emplace_back(fd);
      epoll_.Add(fd, EPOLLIN, static_cast<uint64_t>(fd));
    }
  }

  // Returns the number of events.
  [[nodiscard]] uint64_t CountUntil(Time deadline) {
    // The clock is read rarely, so that reading it hardly counts.
    constexpr int kBetweenLooks = 64;
    uint64_t readable = 0;
    while (Clock::now() < deadline) {
      for (int i = 0; i < kBetweenLooks; ++i) {
        epoll_.Wait(-1, [&](uint32_t events, uint64_t) { readable += (events & EPOLLIN) != 0; });
      }
    }
    return readable;
  }

 private:
  Epoll epoll_;
  std::vector<UniqueFd> descriptors_;
};

int Main(int argc, char** argv) {
  if (argc < 4) Fail("usage", "epoll_wait_rate DESCRIPTORS LEAD-SECONDS SECONDS");
  const int count = ParseInteger("DESCRIPTORS", argv[1], 1, 1000000);
  const double lead = ParseDouble("LEAD-SECONDS", argv[2], 0, 3600);
  const double seconds = ParseDouble("SECONDS", argv[3], 0.001, 3600);
  RaiseDescriptorLimit();

  ReadyDescriptors descriptors(count);
  TakeTurns(lead, seconds, [&](Time deadline) { return descriptors.CountUntil(deadline); });
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
