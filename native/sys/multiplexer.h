#ifndef IOMUX_NATIVE_SYS_MULTIPLEXER_H_
#define IOMUX_NATIVE_SYS_MULTIPLEXER_H_

#include <cstdint>

namespace iomux {

// An event of the multiplexer, as it crosses into JavaScript. Slot and generation are those that
// the registration was added with; the flags are the kernel's, in the form that
// lib/poll/*-selector.ts decodes.
struct Event {
  int32_t slot;
  int32_t generation;
  int32_t flags;
};
static_assert(sizeof(Event) == 3 * sizeof(int32_t), "JavaScript reads events as triples of Int32");

// The most events that one call collects. The others stay in the kernel for the next call.
inline constexpr int kMaxEvents = 1024;

// Collects the events that there are now, without blocking: a count, or a negated errno. Defined by
// the one backend that binding.gyp links into the addon.
[[nodiscard]] int Harvest(int multiplexer, Event* events, int capacity);

// Adds `multiplexer` to `outer`, the multiplexer of an event loop, so that the loop, which would
// abort if that failed, finds it added. It may have been added before. 0, or a negated errno.
[[nodiscard]] int Nest(int outer, int multiplexer);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_MULTIPLEXER_H_
