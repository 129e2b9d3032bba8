#ifndef IOMUX_NATIVE_KQUEUE_KQUEUE_H_
#define IOMUX_NATIVE_KQUEUE_KQUEUE_H_

#include <cstdint>

#include "native/sys/multiplexer.h"

// kqueue(2), macOS and FreeBSD.
//
// Facts about kqueue
// - A registration (a knote) belongs to the pair (identifier, filter): reading and writing are two
//   of them for one descriptor, and an event reports one. close(2) removes the knotes of that
//   number, whatever duplicates of the file are alive.
// - EV_ADD on a knote that is there replaces its user data, but not EV_CLEAR or EV_DISPATCH, and
//   does not tell that it was there. Whatever touches a knote looks at the state at once.
// - One call makes changes and collects events, changes first. A change that fails takes the place
//   of an event (EV_ERROR), and so does every change with EV_RECEIPT; the call then collects
//   nothing and does not wait. A call that a signal interrupts has made its changes.
// - EV_CLEAR makes a knote edge-triggered, EV_DISPATCH disables it after an event, EV_ONESHOT
//   removes it. An edge is an arrival: it is reported whether the one before it was read or not.
// - EV_EOF is about the direction of the filter: on EVFILT_READ the other side will send no more,
//   with what it sent still to be read; on EVFILT_WRITE nobody will take any more. `fflags` is then
//   the pending error of a socket.
// - The write end of a pipe whose reader has gone: FreeBSD refuses to attach EVFILT_WRITE (EPIPE),
//   and macOS since 10.15 attaches it and reports EV_EOF.
// - Urgent data has EVFILT_EXCEPT with NOTE_OOB on macOS, on sockets only. It is raised by whatever
//   wakes a reader, and tells urgent data from the rest in `fflags`, which it forgets only with
//   EV_CLEAR. FreeBSD has nothing of the kind.
// - Regular files are readable until their end, and macOS does not report the last writer of a
//   named FIFO leaving.
// - Most character devices of macOS refuse EVFILT_READ and EVFILT_WRITE without NOTE_LOWAT of 1.
// - A kqueue's own descriptor is readable while it has events, so it can be watched by another one.
//   It is not inherited over fork(2), and it has no flag for close-on-exec on macOS.
//
// What follows for us
// - The user data is (slot, generation), in a pointer: 64-bit systems only.
// - Both directions of a descriptor are two events, which lib/poll and lib/reactor merge.
// - To ask for something else is to delete and to add in one call. The receipts of the deletions
//   tell whether the descriptor is still the one that was added.
// - EVFILT_EXCEPT is always edge-triggered, and what it raises for other reasons is dropped here,
//   where it costs no crossing.
// - Nothing has to be renewed: a number that was closed is silent.
namespace iomux {

// A new instance, close-on-exec: its descriptor, or a negated errno.
[[nodiscard]] int KqueueCreate();

// Whether readiness of `fd` means anything: 0, or a negated errno. EPERM for regular files and
// directories, as epoll has it, and for the named FIFOs of macOS.
[[nodiscard]] int KqueueCheck(int fd);

// One change of one filter of a descriptor, as lib/poll writes it: six 32-bit numbers, of which the
// last is the answer, 0 or a negated errno.
struct FilterChange {
  int32_t fd;
  int32_t generation;
  int32_t filter;
  int32_t flags;
  int32_t fflags;
  int32_t result;
};
static_assert(sizeof(FilterChange) == 6 * sizeof(int32_t), "JavaScript writes six Int32 each");

// The most changes that one call makes.
inline constexpr int kMaxChanges = 64;

// Makes all the changes and collects nothing: how many failed, or a negated errno when none was
// made.
[[nodiscard]] int KqueueControl(int kqueue, FilterChange* changes, int count);

// Waits up to `milliseconds` (negative: for ever) for at most kMaxEvents events: a count, or a
// negated errno. A signal does not end the wait.
[[nodiscard]] int KqueueWait(int kqueue, Event* events, int capacity, double milliseconds);

// The kernel's own structure in full width, as lib/raw reads and writes it: six doubles, exact for
// every safe integer.
struct WideEvent {
  double ident;
  double filter;
  double flags;
  double fflags;
  double data;
  double udata;
};
static_assert(sizeof(WideEvent) == 6 * sizeof(double), "JavaScript reads six Float64 each");

// kevent(2): makes the changes and waits like KqueueWait. When changes fail or ask for a receipt,
// it does not wait and answers with those alone; `events` has room for the larger of `capacity` and
// `change_count`.
[[nodiscard]] int KqueueKevent(int kqueue, const WideEvent* changes, int change_count,
                               WideEvent* events, int capacity, double milliseconds);

}  // namespace iomux

#endif  // IOMUX_NATIVE_KQUEUE_KQUEUE_H_
