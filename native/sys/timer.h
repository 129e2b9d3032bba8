#ifndef IOMUX_NATIVE_SYS_TIMER_H_
#define IOMUX_NATIVE_SYS_TIMER_H_

#include <cstdint>

namespace iomux {

// timerfd(2), Linux.
//
// Facts about it
// - Its clock is chosen when it is made. On CLOCK_REALTIME an absolute time is one of the wall
//   clock, and moves when that is set; a relative one counts elapsed time all the same, as on
//   CLOCK_MONOTONIC: POSIX has it so.
// - It is readable from the first expiration until somebody reads how many there were. Until then
//   a period costs nothing, however short: the kernel counts when it is asked.
// - A time of zero is none. Setting it forgets what has expired.
//
// What follows for us
// - One on CLOCK_REALTIME serves every purpose.
// - TFD_TIMER_CANCEL_ON_SET is for those who compute the next time from a calendar; who waits for a
//   time of the wall clock has it moved along.

// A new one, non-blocking and close-on-exec: its descriptor, or a negated errno.
[[nodiscard]] int TimerCreate();

// Expires after `first` nanoseconds (`absolute`: since 1970), and then every `period`, unless that
// is 0. Both 0: never. 0, or a negated errno.
[[nodiscard]] int TimerSet(int fd, bool absolute, int64_t first, int64_t period);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_TIMER_H_
