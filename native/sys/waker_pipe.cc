#include <cstdint>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/waker.h"

namespace iomux {

int OpenWaker(int ends[2]) { return Pipe(ends); }

// EAGAIN is no error: the pipe is full, and so readable.
int SignalWaker(int end) {
  const uint8_t byte = 0;
  const int result = Write(end, &byte, sizeof byte);
  return result < 0 && result != -EAGAIN ? result : 0;
}

int DrainWaker(int end) {
  uint8_t bytes[512];
  for (int any = 0;; any = 1) {
    const int result = Read(end, bytes, sizeof bytes);
    if (result < 0 && result != -EAGAIN) return result;
    if (result < static_cast<int>(sizeof bytes)) return result > 0 ? 1 : any;
  }
}

}  // namespace iomux
