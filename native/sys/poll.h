#ifndef IOMUX_NATIVE_SYS_POLL_H_
#define IOMUX_NATIVE_SYS_POLL_H_

#include <cstdint>

namespace iomux {

// A descriptor of a blocking wait, shared with JavaScript. `events` is what to wait for, `revents`
// is filled in; both are bits of poll(2).
struct PollEntry {
  int32_t fd;
  int32_t events;
  int32_t revents;
};
static_assert(sizeof(PollEntry) == 3 * sizeof(int32_t), "JavaScript writes triples of Int32");

// poll(2): how many entries have `revents`, or a negated errno. The timeout is rounded up to whole
// milliseconds; a negative one waits forever. A signal does not end the wait.
[[nodiscard]] int Poll(PollEntry* entries, int count, double milliseconds);

// The same with select(2), whose three sets are POLLIN, POLLOUT and POLLPRI, and whose resolution
// is nanoseconds. -EINVAL for a descriptor of FD_SETSIZE or more, which does not fit into a set.
[[nodiscard]] int Select(PollEntry* entries, int count, double milliseconds);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_POLL_H_
