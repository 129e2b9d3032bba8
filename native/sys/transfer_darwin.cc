#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <algorithm>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/transfer.h"

namespace iomux {

// If the socket is full or a signal arrives, sendfile(2) fails although bytes were sent, whose
// number is then in `bytes`. Other errors leave `bytes` as it was.
int SendFile(int to, int from, int64_t offset, size_t length) {
  for (;;) {
    off_t bytes = static_cast<off_t>(std::min(length, kMostBytes));
    const int result = ResultOf(sendfile(from, to, offset, &bytes, nullptr, 0));
    const bool counted = result == 0 || result == -EAGAIN || result == -EINTR;
    if (counted && bytes > 0) return static_cast<int>(bytes);
    if (result != -EINTR) return result;
  }
}

}  // namespace iomux
