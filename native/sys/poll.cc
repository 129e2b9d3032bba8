#include "native/sys/poll.h"

#include <poll.h>
#include <sys/select.h>

#include <algorithm>
#include <cstddef>
#include <vector>

#include "native/sys/deadline.h"
#include "native/sys/errno.h"

namespace iomux {
namespace {

struct Sets {
  fd_set read, write, except;
};

Sets Empty() {
  Sets sets;
  FD_ZERO(&sets.read);
  FD_ZERO(&sets.write);
  FD_ZERO(&sets.except);
  return sets;
}

// 1 if the descriptor is in any of the sets, else 0.
int FillIn(PollEntry& entry, const Sets& sets) {
  entry.revents = (FD_ISSET(entry.fd, &sets.read) ? POLLIN : 0) |
                  (FD_ISSET(entry.fd, &sets.write) ? POLLOUT : 0) |
                  (FD_ISSET(entry.fd, &sets.except) ? POLLPRI : 0);
  return entry.revents != 0 ? 1 : 0;
}

}  // namespace

int Poll(PollEntry* entries, int count, double milliseconds) {
  std::vector<pollfd> descriptors(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    // Darwin ignores a descriptor without events. POLLHUP, which is always reported, may be asked
    // for on every system.
    const int events = entries[i].events == 0 ? POLLHUP : entries[i].events;
    descriptors[i] = {entries[i].fd, static_cast<short>(events), 0};  // NOLINT
  }
  const Deadline deadline(milliseconds);
  for (;;) {
    const int ready = poll(descriptors.data(), static_cast<nfds_t>(descriptors.size()),
                           deadline.LeftMilliseconds());
    if (ready < 0 && errno != EINTR) return -errno;
    if (ready > 0 || (ready == 0 && !deadline.forever() && deadline.Left() == 0)) {
      for (int i = 0; i < count; ++i) entries[i].revents = descriptors[i].revents;
      return ready;
    }
  }
}

int Select(PollEntry* entries, int count, double milliseconds) {
  Sets wanted = Empty();
  int highest = -1;
  for (int i = 0; i < count; ++i) {
    const int fd = entries[i].fd;
    if (fd < 0 || fd >= FD_SETSIZE) return -EINVAL;
    highest = std::max(highest, fd);
    if ((entries[i].events & POLLIN) != 0) FD_SET(fd, &wanted.read);
    if ((entries[i].events & POLLOUT) != 0) FD_SET(fd, &wanted.write);
    if ((entries[i].events & POLLPRI) != 0) FD_SET(fd, &wanted.except);
  }
  const Deadline deadline(milliseconds);
  for (;;) {
    Sets sets = wanted;
    const int64_t left = deadline.forever() ? 0 : deadline.Left();
    const timespec timeout = ToTimespec(left);
    const int bits = pselect(highest + 1, &sets.read, &sets.write, &sets.except,
                             deadline.forever() ? nullptr : &timeout, nullptr);
    if (bits < 0 && errno != EINTR) return -errno;
    if (bits > 0 || (bits == 0 && !deadline.forever() && deadline.Left() == 0)) {
      int ready = 0;
      for (int i = 0; i < count; ++i) ready += FillIn(entries[i], sets);
      return ready;
    }
  }
}

}  // namespace iomux
