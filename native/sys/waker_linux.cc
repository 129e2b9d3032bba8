#include <sys/eventfd.h>

#include <cstdint>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/waker.h"

namespace iomux {

int OpenWaker(int ends[2]) {
  const int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) return -errno;
  ends[0] = ends[1] = fd;
  return 0;
}

// EAGAIN is no error: the counter is full, so the descriptor is readable, or it is zero.

int SignalWaker(int end) {
  const uint64_t one = 1;
  const int result = Write(end, reinterpret_cast<const uint8_t*>(&one), sizeof one);
  return result < 0 && result != -EAGAIN ? result : 0;
}

int DrainWaker(int end) {
  uint64_t count = 0;
  const int result = Read(end, reinterpret_cast<uint8_t*>(&count), sizeof count);
  if (result == -EAGAIN) return 0;
  return result < 0 ? result : 1;
}

}  // namespace iomux
