#ifndef IOMUX_NATIVE_SYS_MULTIPLEXER_H_
#define IOMUX_NATIVE_SYS_MULTIPLEXER_H_

#include <cstdint>

namespace iomux {

// What crosses into JavaScript for one event of the multiplexer: three 32-bit numbers. The slot and
// the generation are what the registration was added with; the flags are the kernel's own, in the
// form that lib/poll/*-selector.ts decodes.
struct Event {
  int32_t slot;
  int32_t generation;
  int32_t flags;
};
static_assert(sizeof(Event) == 3 * sizeof(int32_t), "JavaScript reads events as triples of Int32");

// The most events that one call collects. More than that stay in the kernel for the next one.
inline constexpr int kMaxEvents = 1024;

// Collects what is ready now, without blocking: a count, or a negated errno. Exactly one backend is
// linked into the addon (binding.gyp), and it defines this.
[[nodiscard]] int Harvest(int multiplexer, Event* events, int capacity);

// Has `outer`, an event loop's multiplexer of the same kind, report when this one has events, for a
// loop that adds it later and cannot bear to fail then. Once is enough: 0, or a negated errno.
[[nodiscard]] int Nest(int outer, int multiplexer);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_MULTIPLEXER_H_
