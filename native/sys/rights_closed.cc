#include "native/sys/errno.h"
#include "native/sys/rights.h"

namespace iomux {

ssize_t ReceiveBytes(int fd, uint8_t* into, size_t length) {
  return RetryOnInterrupt([&] { return recv(fd, into, length, 0); });
}

ssize_t ReceiveHeader(int fd, msghdr* header, int flags) {
  return RetryOnInterrupt([&] { return recvmsg(fd, header, flags); });
}

}  // namespace iomux
