// epoll_wait_rate: how many readiness events per second the kernel itself can report: a loop of
// nothing but epoll_wait(2) over descriptors that are always ready.
//
// Prints {"events":N,"seconds":S,"cpuSeconds":S}.

#include <sys/eventfd.h>

#include <cstdint>
#include <cstdio>
#include <vector>

#include "support/clock.h"
#include "support/epoll.h"
#include "support/must.h"
#include "support/number.h"
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
    uint64_t readable = 0;
    while (Clock::now() < deadline) {
      epoll_.Wait(-1, [&](uint32_t events, uint64_t) { readable += (events & EPOLLIN) != 0; });
    }
    return readable;
  }

 private:
  Epoll epoll_;
  std::vector<UniqueFd> descriptors_;
};

int Main(int argc, char** argv) {
  if (argc != 4) Fail("usage", "epoll_wait_rate DESCRIPTORS WARM-UP-SECONDS SECONDS");
  const int count = ParseInteger("DESCRIPTORS", argv[1], 1, 1000000);
  const double warm_up = ParseDouble("WARM-UP-SECONDS", argv[2], 0, 3600);
  const double seconds = ParseDouble("SECONDS", argv[3], 0.001, 3600);
  RaiseDescriptorLimit();

  ReadyDescriptors descriptors(count);
  static_cast<void>(descriptors.CountUntil(Clock::now() + FromSeconds(warm_up)));
  const CpuClock cpu(0);
  const double spent = cpu.Seconds();
  const Time begin = Clock::now();
  const uint64_t events = descriptors.CountUntil(begin + FromSeconds(seconds));
  std::printf("{\"events\":%ju,\"seconds\":%.6f,\"cpuSeconds\":%.6f}\n",
              static_cast<uintmax_t>(events), ToSeconds(Clock::now() - begin),
              cpu.Seconds() - spent);
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
