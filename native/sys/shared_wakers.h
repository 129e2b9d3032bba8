#ifndef IOMUX_NATIVE_SYS_SHARED_WAKERS_H_
#define IOMUX_NATIVE_SYS_SHARED_WAKERS_H_

#include <cstdint>

namespace iomux {

// The wakers of this process that other threads may signal without owning a descriptor. A thread
// that is late must not write to whatever has the number by then, so each is known by its end to
// signal and a serial that is never used again, and is not closed while somebody signals it.

// Lets any thread signal it from now on: its serial, an integer below 2^53.
[[nodiscard]] int64_t ShareWaker(int end);

// 1, or 0 when that waker has been closed; a negated errno.
[[nodiscard]] int SignalSharedWaker(int end, int64_t serial);

// Must be called before the end is closed.
void RetractWaker(int end);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_SHARED_WAKERS_H_
