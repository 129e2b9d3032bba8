#ifndef IOMUX_NATIVE_SYS_TIMER_H_
#define IOMUX_NATIVE_SYS_TIMER_H_

#include <cstdint>

namespace iomux {

// timerfd(2), Linux.
//
// Facts
// - The clock is chosen when the timer is made. With CLOCK_REALTIME, an absolute time is a time of
//   the wall clock and follows when that is set; a relative time is elapsed time nevertheless, as
//   with CLOCK_MONOTONIC (POSIX).
// - The descriptor is readable from the first expiration until the number of expirations is read.
//   Unread expirations cost nothing, however short the period is: the kernel counts on reading.
// - A time of zero disarms. Setting the timer discards earlier expirations.
//
// What follows for us
// - A timer on CLOCK_REALTIME serves every purpose.
// - TFD_TIMER_CANCEL_ON_SET is not needed: a time of the wall clock follows the clock by itself.

// A new one, non-blocking and close-on-exec: its descriptor, or a negated errno.
[[nodiscard]] int TimerCreate();

// Expires after `first` nanoseconds (`absolute`: since 1970), and then every `period`, unless that
// is 0. Both 0: never. 0, or a negated errno.
[[nodiscard]] int TimerSet(int fd, bool absolute, int64_t first, int64_t period);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_TIMER_H_
