#include "native/sys/transfer.h"

#include <sys/socket.h>

#include <algorithm>

#include "native/sys/errno.h"
#include "native/sys/socket.h"

namespace iomux {

int SendMany(int fd, const iovec* pieces, int count) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = std::min(count, kMostPieces);
  return ResultOfSend(RetryOnInterrupt([&] { return sendmsg(fd, &message, kNoSignal); }));
}

int WriteMany(int fd, const iovec* pieces, int count) {
  return static_cast<int>(
      RetryOnInterrupt([&] { return writev(fd, pieces, std::min(count, kMostPieces)); }));
}

}  // namespace iomux
