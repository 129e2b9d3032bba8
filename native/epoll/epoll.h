#ifndef IOMUX_NATIVE_EPOLL_EPOLL_H_
#define IOMUX_NATIVE_EPOLL_EPOLL_H_

#include <cstdint>
#include <vector>

#include "native/sys/multiplexer.h"

// epoll(7), Linux.
//
// Facts about epoll
// - A registration belongs to the pair (descriptor number, open file description). close(2) removes
//   it only when the last duplicate of the file is closed: while a dup(2), a forked process or the
//   receiver of a passed descriptor has the file open, the closed number goes on reporting events,
//   and its registration cannot be removed.
// - There is one registration per descriptor, with one event mask and 64 bits of user data.
//   EPOLLERR and EPOLLHUP are reported whatever the mask is, even if it is empty.
// - Level-triggered (the default): reported by every wait while the condition lasts. Edge-triggered
//   (EPOLLET): reported when something arrives. EPOLL_CTL_ADD and EPOLL_CTL_MOD report the current
//   state at once, so an earlier edge is not lost.
// - An epoll descriptor is readable while it has something to report, so another instance can watch
//   it, and finds it ready until the events have been collected.
// - At most 500 paths may lead to one open file through two nested instances, and fewer through
//   more. Otherwise EPOLL_CTL_ADD fails with EINVAL, also when it adds an inner instance.
// - Regular files and directories cannot be registered (EPERM): they are always ready.
// - epoll_wait(2) takes milliseconds, epoll_pwait2(2) (Linux 5.11) nanoseconds.
//
// What follows for us
// - The data is (slot, generation). An event whose generation is not the current one belongs to a
//   registration that is gone, and is dropped. If a duplicate keeps such a registration alive,
//   lib/poll replaces the whole instance, because nothing else silences it.
// - A descriptor is never registered with an empty mask: it is removed when nobody waits for it.
// - libuv watches one descriptor of ours. It adds it when it next waits, and aborts the process if
//   that fails. So we add it first (Nest), and one path too many is an error of the call that makes
//   it. Kernels before Linux 6.17 do not notice that instances are nested too deep when something
//   is added to an inner one; there, the next call that adds ours fails (ELOOP). If the descriptor
//   is there already (EEXIST), libuv uses EPOLL_CTL_MOD, in every version since Node 20.
namespace iomux {

// A new instance, close-on-exec: its descriptor, or a negated errno.
[[nodiscard]] int EpollCreate();

// Replaces the instance behind `epoll` and its duplicates by a new, empty one, which is also added
// to the instance `outer` unless that is -1. 0, or a negated errno.
[[nodiscard]] int EpollRenew(int epoll, const std::vector<int>& duplicates = {}, int outer = -1);

// epoll_ctl(2). The two halves of the data are returned with every event. 0, or a negated errno.
[[nodiscard]] int EpollControl(int epoll, int operation, int fd, uint32_t events, uint32_t low,
                               uint32_t high = 0);

// Waits up to `milliseconds` (negative: forever; rounded up to the clock's resolution) for at most
// kMaxEvents events: a count, or a negated errno. A signal does not end the wait.
[[nodiscard]] int EpollWait(int epoll, Event* events, int capacity, double milliseconds);

// Whether epoll_pwait2(2) works, which EpollWait can do without: 0 for an instance that has no
// events, or a negated errno.
[[nodiscard]] int CheckEpollPwait2(int epoll);

}  // namespace iomux

#endif  // IOMUX_NATIVE_EPOLL_EPOLL_H_
