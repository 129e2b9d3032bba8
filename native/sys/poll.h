#ifndef IOMUX_NATIVE_SYS_POLL_H_
#define IOMUX_NATIVE_SYS_POLL_H_

#include <cstdint>

namespace iomux {

// One descriptor of a blocking wait, as it crosses from and to JavaScript: three 32-bit numbers.
// `events` is asked for, `revents` is answered; both in the bits of poll(2).
struct PollEntry {
  int32_t fd;
  int32_t events;
  int32_t revents;
};
static_assert(sizeof(PollEntry) == 3 * sizeof(int32_t), "JavaScript writes triples of Int32");

// poll(2) for any number of descriptors: how many have an answer, or a negated errno. The timeout
// is in milliseconds, rounded up to whole ones; negative waits for ever. A signal does not end the
// wait.
[[nodiscard]] int Poll(PollEntry* entries, int count, double milliseconds);

// select(2): the same with POLLIN, POLLOUT and POLLPRI for its three sets, and nanoseconds. A
// descriptor at or above FD_SETSIZE does not fit into a set: -EINVAL, and nothing is written
// anywhere.
[[nodiscard]] int Select(PollEntry* entries, int count, double milliseconds);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_POLL_H_
