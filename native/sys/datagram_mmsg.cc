#include <sys/socket.h>

#include "native/sys/datagram_messages.h"
#include "native/sys/errno.h"
#include "native/sys/send_calls.h"
#include "native/sys/socket.h"

namespace iomux {

const bool kHasBatches = true;

// Both system calls stop at the first message that fails, and return the number of messages before
// it, if there are any. The error is then reported by the next call.

int ReceiveMessages(int fd, Message* messages, int count) {
  if (count == 1) {  // recvmsg(2) does less in the kernel
    const auto result = RetryOnInterrupt([&] { return recvmsg(fd, &messages->msg_hdr, 0); });
    if (result < 0) return static_cast<int>(result);
    messages->msg_len = static_cast<unsigned>(result);
    return 1;
  }
  const auto length = static_cast<unsigned>(count);
  return static_cast<int>(
      RetryOnInterrupt([&] { return recvmmsg(fd, messages, length, 0, nullptr); }));
}

int SendMessages(int fd, Message* messages, int count) {
  const auto length = static_cast<unsigned>(count);
  return static_cast<int>(
      RetryOnInterrupt([&] { return CallSendmmsg(fd, messages, length, kNoSignal); }));
}

}  // namespace iomux
