#ifndef IOMUX_NATIVE_KQUEUE_KQUEUE_H_
#define IOMUX_NATIVE_KQUEUE_KQUEUE_H_

#include <cstdint>

#include "native/sys/multiplexer.h"

// kqueue(2), macOS and FreeBSD. Facts that kqueue_test.cc can see were seen on FreeBSD 12.3.
//
// Facts about kqueue
// - A registration (a knote) belongs to the pair (identifier, filter). Reading and writing of one
//   descriptor are two knotes, and an event is about one of them. close(2) removes the knotes of
//   the number, even if the file has other duplicates.
// - EV_ADD of a knote that exists replaces its user data, but not EV_CLEAR or EV_DISPATCH, and does
//   not say that it existed. Every change reports the current state at once.
// - One call makes changes and collects events, changes first. A change that fails is reported in
//   place of an event (EV_ERROR), and so is every change with EV_RECEIPT; the call then collects
//   nothing and does not wait. If a signal interrupts the call, the changes have been made.
// - EV_CLEAR makes a knote edge-triggered, EV_DISPATCH disables it after an event, EV_ONESHOT
//   removes it. Every arrival is an edge, whether or not earlier data was read.
// - EV_EOF concerns the direction of the filter: on EVFILT_READ the peer will send no more, though
//   there may be data left to read; on EVFILT_WRITE nobody reads any more. `fflags` is then the
//   pending error of a socket.
// - When the reader of a pipe goes, FreeBSD reports EV_EOF to its writer once, in every mode, and
//   removes the knote (EV_ONESHOT); from then on it refuses EVFILT_WRITE there (EPIPE). macOS since
//   10.15 accepts it and reports EV_EOF.
// - For urgent data macOS has EVFILT_EXCEPT with NOTE_OOB, on sockets only. Everything that wakes a
//   reader raises it; only urgent data sets NOTE_OOB in `fflags`, where it stays unless the knote
//   has EV_CLEAR. FreeBSD has no such filter.
// - Regular files are readable until their end. macOS does not report that the last writer of a
//   named FIFO has left.
// - Most character devices of macOS refuse EVFILT_READ and EVFILT_WRITE without a NOTE_LOWAT of 1
//   (EINVAL). FreeBSD refuses those without readiness, as /dev/null (ENODEV).
// - The descriptor of a kqueue is readable while it has events, so another kqueue can watch it. On
//   FreeBSD it stays so until they are collected, even if what they report is over, and a kqueue
//   that watches it is told by a task of the kernel, a moment later.
// - A kqueue is not inherited by fork(2), and kqueue(2) has no flag for close-on-exec on macOS.
//
// What follows for us
// - The user data is (slot, generation), in a pointer: 64-bit systems only.
// - Both directions of a descriptor are two events, which lib/poll and lib/reactor merge.
// - An interest is changed by deleting and adding filters in one call. The receipts of the
// deletions
//   show whether the descriptor is still the one that was added.
// - EVFILT_EXCEPT is always edge-triggered. Events of it that are not about urgent data are dropped
//   here, before they cost a crossing.
// - The instance never has to be replaced: a number that was closed reports nothing.
namespace iomux {

// A new instance, close-on-exec: its descriptor, or a negated errno.
[[nodiscard]] int KqueueCreate();

// Whether the readiness of `fd` means anything: 0, or a negated errno. EPERM for regular files and
// directories, as with epoll, and for named FIFOs on macOS.
[[nodiscard]] int KqueueCheck(int fd);

// A change of one filter of a descriptor, as lib/poll writes it. The result, 0 or a negated errno,
// is filled in.
struct FilterChange {
  int32_t fd;
  int32_t generation;
  int32_t filter;
  int32_t flags;
  int32_t fflags;
  int32_t result;
};
static_assert(sizeof(FilterChange) == 6 * sizeof(int32_t), "JavaScript writes six Int32 each");

// The most changes that one call of KqueueControl makes.
inline constexpr int kMaxChanges = 64;

// Makes the changes and collects no events: how many of them failed, or a negated errno if none was
// made.
[[nodiscard]] int KqueueControl(int kqueue, FilterChange* changes, int count);

// Waits up to `milliseconds` (negative: forever) for at most kMaxEvents events: a count, or a
// negated errno. A signal does not end the wait.
[[nodiscard]] int KqueueWait(int kqueue, Event* events, int capacity, double milliseconds);

// struct kevent in full width, as lib/raw reads and writes it: six doubles, exact for every safe
// integer.
struct WideEvent {
  double ident;
  double filter;
  double flags;
  double fflags;
  double data;
  double udata;
};
static_assert(sizeof(WideEvent) == 6 * sizeof(double), "JavaScript reads six Float64 each");

// kevent(2): makes the changes, then waits like KqueueWait. If a change fails or has EV_RECEIPT, it
// does not wait, and returns only the events of such changes. `events` must have room for the
// larger of `capacity` and `change_count`.
[[nodiscard]] int KqueueKevent(int kqueue, const WideEvent* changes, int change_count,
                               WideEvent* events, int capacity, double milliseconds);

}  // namespace iomux

#endif  // IOMUX_NATIVE_KQUEUE_KQUEUE_H_
