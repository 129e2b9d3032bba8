#include "native/epoll/epoll.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "native/sys/deadline.h"
#include "native/sys/errno.h"
#include "native/sys/unique_fd.h"

// Missing from headers older than Linux 5.11. The number is the same on every architecture.
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

namespace iomux {
namespace {

// The structure that the kernel takes on every architecture. The C library's timespec may have 32
// bits for each field.
struct KernelTimespec {
  int64_t seconds;
  int64_t nanoseconds;
};

int EpollPwait2(int epoll, epoll_event* raised, int capacity, int64_t nanoseconds) {
  const KernelTimespec timeout = {nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  return static_cast<int>(
      syscall(SYS_epoll_pwait2, epoll, raised, capacity, &timeout, nullptr, size_t{0}));
}

// epoll_event cannot be used as it is: it is packed on x86-64 and padded elsewhere.
int ToEvents(const epoll_event* raised, int count, Event* events) {
  for (int i = 0; i < count; ++i) {
    const uint64_t data = raised[i].data.u64;
    events[i] = {static_cast<int32_t>(data), static_cast<int32_t>(data >> 32),
                 static_cast<int32_t>(raised[i].events)};
  }
  return count;
}

// epoll_pwait2 is missing before Linux 5.11, and some sandboxes refuse unknown calls with EPERM.
int WaitInNanoseconds(int epoll, epoll_event* raised, int capacity, const Deadline& deadline) {
  static std::atomic<bool> missing{false};
  if (!missing.load(std::memory_order_relaxed)) {
    const int count = EpollPwait2(epoll, raised, capacity, deadline.Left());
    if (count >= 0 || (errno != ENOSYS && errno != EPERM)) return count;
    missing.store(true, std::memory_order_relaxed);
  }
  return epoll_wait(epoll, raised, capacity, deadline.LeftMilliseconds());
}

}  // namespace

int EpollCreate() { return ResultOf(epoll_create1(EPOLL_CLOEXEC)); }

int EpollRenew(int epoll, const std::vector<int>& duplicates, int outer) {
  const int created = EpollCreate();
  if (created < 0) return created;
  const UniqueFd owner(created);
  // Done first, so that a failure leaves everything as it was. A registration is for the instance,
  // and survives that its descriptor is closed, because the duplicates are open.
  int result = outer == -1 ? 0 : Nest(outer, created);
  if (result < 0) return result;
  result = RetryOnInterrupt([&] { return dup3(created, epoll, O_CLOEXEC); });
  for (const int duplicate : duplicates) {
    if (result < 0) break;
    result = RetryOnInterrupt([&] { return dup3(created, duplicate, O_CLOEXEC); });
  }
  return result < 0 ? result : 0;
}

int EpollControl(int epoll, int operation, int fd, uint32_t events, uint32_t low, uint32_t high) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = uint64_t{high} << 32 | low;
  return ResultOf(epoll_ctl(epoll, operation, fd, &event));
}

int Harvest(int epoll, Event* events, int capacity) {
  epoll_event raised[kMaxEvents];
  const int count = RetryOnInterrupt(
      [&] { return epoll_wait(epoll, raised, std::min(capacity, kMaxEvents), 0); });
  return count < 0 ? count : ToEvents(raised, count, events);
}

int Nest(int outer, int epoll) {
  const int result =
      EpollControl(outer, EPOLL_CTL_ADD, epoll, EPOLLIN, static_cast<uint32_t>(epoll));
  return result == -EEXIST ? 0 : result;
}

int EpollWait(int epoll, Event* events, int capacity, double milliseconds) {
  if (milliseconds == 0) return Harvest(epoll, events, capacity);
  const Deadline deadline(milliseconds);
  epoll_event raised[kMaxEvents];
  const int most = std::min(capacity, kMaxEvents);
  for (;;) {
    const int count = deadline.forever() ? epoll_wait(epoll, raised, most, -1)
                                         : WaitInNanoseconds(epoll, raised, most, deadline);
    if (count > 0) return ToEvents(raised, count, events);
    if (count < 0 && errno != EINTR) return -errno;
    if (count == 0 && deadline.Left() == 0) return 0;
  }
}

int CheckEpollPwait2(int epoll) {
  epoll_event raised[1];
  return ResultOf(EpollPwait2(epoll, raised, 1, 0));
}

}  // namespace iomux
