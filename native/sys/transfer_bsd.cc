#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <algorithm>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/transfer.h"

namespace iomux {
namespace {

// How sendfile(2) ended, and what had gone by then. A socket that is full, or a signal, is an error
// although bytes have gone.
struct Sent {
  int result;
  off_t bytes;
};

#ifdef __APPLE__

// `bytes` is what to send, then what has been sent; left as it was by an error of another kind.
Sent Call(int to, int from, off_t offset, size_t length) {
  off_t bytes = static_cast<off_t>(length);
  const int result = ResultOf(sendfile(from, to, offset, &bytes, nullptr, 0));
  const bool told = result == 0 || result == -EAGAIN || result == -EINTR;
  return {result, told ? bytes : 0};
}

#else

Sent Call(int to, int from, off_t offset, size_t length) {
  off_t bytes = 0;
  const int result = ResultOf(sendfile(from, to, offset, length, nullptr, &bytes, 0));
  return {result, bytes};
}

#endif  // __APPLE__

}  // namespace

int SendFile(int to, int from, int64_t offset, size_t length) {
  for (;;) {
    const Sent sent = Call(to, from, offset, std::min(length, kMostBytes));
    if (sent.bytes > 0) return static_cast<int>(sent.bytes);
    if (sent.result != -EINTR) return sent.result;
  }
}

int Splice(int, int, size_t) { return -ENOSYS; }

int ResizePipe(int, int) { return -ENOSYS; }

}  // namespace iomux
