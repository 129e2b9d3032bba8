#ifndef IOMUX_NATIVE_SYS_WAKER_H_
#define IOMUX_NATIVE_SYS_WAKER_H_

namespace iomux {

// A descriptor that other threads can make readable: eventfd(2) on Linux, where both ends are one
// descriptor, and a pipe elsewhere. Several wake-ups before a drain count as one.
//
// Each function returns 0, or a negated errno; DrainWaker 1 if there was a wake-up.
[[nodiscard]] int OpenWaker(int ends[2]);
[[nodiscard]] int SignalWaker(int end);
[[nodiscard]] int DrainWaker(int end);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_WAKER_H_
