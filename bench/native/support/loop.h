// The loop of a measured program that waits for its work, and for the harness meanwhile.

#ifndef BENCH_NATIVE_SUPPORT_LOOP_H_
#define BENCH_NATIVE_SUPPORT_LOOP_H_

#include <cstdint>

#include "support/control.h"
#include "support/epoll.h"

namespace bench {

class Loop {
 public:
  Loop() { epoll_.Add(Control::kFd, EPOLLIN, kControl); }

  // `data` is anything but the greatest number.
  void Add(int fd, uint32_t events, uint64_t data) { epoll_.Add(fd, events, data); }

  // Calls handle(events, data) for each ready descriptor, until the standard input ends. The
  // harness is told the totals.
  template <typename Handle>
  void Run(const Totals& totals, Handle handle) {
    while (!control_.ended()) {
      epoll_.Wait(-1, [&](uint32_t events, uint64_t data) {
        if (data == kControl) return control_.OnReadable(totals);
        handle(events, data);
      });
    }
  }

 private:
  static constexpr uint64_t kControl = UINT64_MAX;

  Epoll epoll_;
  Control control_;
};

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_LOOP_H_
