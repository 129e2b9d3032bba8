// epoll(7) as the programs of this folder use it.

#ifndef BENCH_NATIVE_SUPPORT_EPOLL_H_
#define BENCH_NATIVE_SUPPORT_EPOLL_H_

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "support/must.h"
#include "support/unique_fd.h"

namespace bench {

class Epoll {
 public:
  Epoll() : fd_(Must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

  void Add(int fd, uint32_t events, uint64_t data) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = data;
    Must(epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }

  // Waits at most `timeout` milliseconds, -1 for ever, and calls handle(events, data) for each
  // ready descriptor. Returns how many there were; 0 also where a tracer that attaches, or a stop,
  // interrupts the wait.
  template <typename Handle>
  size_t Wait(int timeout, Handle handle) {
    const int count =
        epoll_wait(fd_.get(), batch_.data(), static_cast<int>(batch_.size()), timeout);
    if (count < 0 && errno == EINTR) return 0;
    const auto ready = static_cast<size_t>(Must(count, "epoll_wait"));
    for (size_t i = 0; i < ready; ++i) handle(batch_[i].events, batch_[i].data.u64);
    return ready;
  }

 private:
  UniqueFd fd_;
  std::array<epoll_event, 1024> batch_;
};

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_EPOLL_H_
