#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <algorithm>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/transfer.h"

namespace iomux {

// If the socket is full or a signal arrives, sendfile(2) fails although bytes were sent.
int SendFile(int to, int from, int64_t offset, size_t length) {
  for (;;) {
    off_t bytes = 0;
    const int result =
        ResultOf(sendfile(from, to, offset, std::min(length, kMostBytes), nullptr, &bytes, 0));
    if (bytes > 0) return static_cast<int>(bytes);
    if (result != -EINTR) return result;
  }
}

}  // namespace iomux
