#ifndef IOMUX_NATIVE_SYS_SHARED_WAKERS_H_
#define IOMUX_NATIVE_SYS_SHARED_WAKERS_H_

#include <cstdint>

namespace iomux {

// Wakers that any thread of the process may signal without owning a descriptor. A thread that is
// late must not write to another file that has the number by then. Each waker is therefore
// identified by its end to signal and a serial that is never reused, and is not closed while a
// thread signals it.

// Lets any thread signal the waker: its serial, an integer below 2^53.
[[nodiscard]] int64_t ShareWaker(int end);

// 1, or 0 if that waker was closed, or a negated errno.
[[nodiscard]] int SignalSharedWaker(int end, int64_t serial);

// Must be called before the end is closed.
void RetractWaker(int end);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_SHARED_WAKERS_H_
