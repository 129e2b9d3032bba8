#ifndef IOMUX_NATIVE_SYS_WAKER_H_
#define IOMUX_NATIVE_SYS_WAKER_H_

namespace iomux {

// A descriptor that becomes readable when another thread says so: eventfd(2) on Linux, where both
// ends are one descriptor, and a pipe elsewhere. Wake-ups that nobody has seen yet are one.
//
// Each answers 0, or a negated errno; DrainWaker 1 if there were any.
[[nodiscard]] int OpenWaker(int ends[2]);
[[nodiscard]] int SignalWaker(int end);
[[nodiscard]] int DrainWaker(int end);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_WAKER_H_
