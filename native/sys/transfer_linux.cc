#include <fcntl.h>
#include <sys/sendfile.h>

#include <algorithm>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/transfer.h"

namespace iomux {

static_assert(sizeof(off_t) == sizeof(int64_t), "needs _FILE_OFFSET_BITS=64");

int SendFile(int to, int from, int64_t offset, size_t length) {
  off_t position = offset;
  return static_cast<int>(RetryOnInterrupt(
      [&] { return sendfile(to, from, &position, std::min(length, kMostBytes)); }));
}

int Splice(int from, int to, size_t length) {
  return static_cast<int>(RetryOnInterrupt([&] {
    return splice(from, nullptr, to, nullptr, std::min(length, kMostBytes),
                  SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  }));
}

int ResizePipe(int fd, int bytes) { return ResultOf(fcntl(fd, F_SETPIPE_SZ, bytes)); }

}  // namespace iomux
