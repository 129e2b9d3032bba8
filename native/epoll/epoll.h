#ifndef IOMUX_NATIVE_EPOLL_EPOLL_H_
#define IOMUX_NATIVE_EPOLL_EPOLL_H_

#include <cstdint>
#include <vector>

#include "native/sys/multiplexer.h"

// epoll(7), Linux.
//
// Facts about epoll
// - A registration belongs to the pair (descriptor number, open file description). close(2) removes
//   it only when the last duplicate of the file is closed: with a dup(2), a fork(2) or a passed
//   descriptor alive, a closed number goes on reporting events and can no longer be removed.
// - There is one registration per descriptor, with one event mask and 64 bits of the user's data.
//   EPOLLERR and EPOLLHUP are reported whatever the mask says, also with an empty one.
// - Level-triggered (the default): reported by every wait while the condition lasts. Edge-triggered
//   (EPOLLET): reported when something arrives. EPOLL_CTL_ADD and EPOLL_CTL_MOD look at the state
//   at once, so that an edge that came before is not lost.
// - An epoll descriptor is readable while it has something to report, so it can be watched by
//   another epoll. That one finds it ready again and again until the events have been collected.
// - At most 500 paths may lead to one open file through two instances, and fewer through more:
//   EPOLL_CTL_ADD fails with EINVAL, also when it is the outer one that would make the 501st.
// - Regular files and directories cannot be registered (EPERM): they are always ready.
// - epoll_wait(2) counts in milliseconds, epoll_pwait2(2) (Linux 5.11) in nanoseconds.
//
// What follows for us
// - The data is (slot, generation). An event whose generation is not the current one belongs to a
//   registration that is gone: it is dropped, and when it comes of a duplicate, lib/poll replaces
//   the whole epoll instance, since nothing else silences it.
// - Nobody waits with an empty mask: what nobody wants is removed from the instance.
// - libuv watches one descriptor, ours. It adds it when it next waits, and aborts the process if
//   that fails, so we add it before (Nest), and a path too many is an error of the call that makes
//   it. Of instances nested too deep, kernels before Linux 6.17 do not tell who adds to an inner
//   one: there it is an error (ELOOP) of the next call that adds ours. libuv takes EEXIST for an
//   answer and goes on with EPOLL_CTL_MOD, in every version of Node 20 and later.
namespace iomux {

// A new instance, close-on-exec: its descriptor, or a negated errno.
[[nodiscard]] int EpollCreate();

// Puts a new, empty instance under the same descriptor, under its duplicates, and into the instance
// `outer`, if that is not -1; the old one is closed. 0, or a negated errno.
[[nodiscard]] int EpollRenew(int epoll, const std::vector<int>& duplicates = {}, int outer = -1);

// epoll_ctl(2). `data` comes back with every event. 0, or a negated errno.
[[nodiscard]] int EpollControl(int epoll, int operation, int fd, uint32_t events, uint64_t data);

// Waits up to `milliseconds` (negative: for ever; rounded up to the clock's resolution) for at most
// kMaxEvents events: a count, or a negated errno. A signal does not end the wait.
[[nodiscard]] int EpollWait(int epoll, Event* events, int capacity, double milliseconds);

// Whether there is an epoll_pwait2(2), without which EpollWait goes on: 0 for an instance that has
// no events, or a negated errno.
[[nodiscard]] int CheckEpollPwait2(int epoll);

}  // namespace iomux

#endif  // IOMUX_NATIVE_EPOLL_EPOLL_H_
