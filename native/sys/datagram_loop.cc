#include <sys/socket.h>

#include "native/sys/datagram_messages.h"
#include "native/sys/errno.h"
#include "native/sys/rights.h"
#include "native/sys/socket.h"

namespace iomux {
namespace {

// Like recvmmsg(2) and sendmmsg(2), stops at the first message that fails, and returns the number
// of messages before it, if there are any.
template <typename Call>
int ForEach(Message* messages, int count, Call call) {
  for (int i = 0; i < count; ++i) {
    const ssize_t result = call(&messages[i].msg_hdr);
    if (result < 0) return i > 0 ? i : static_cast<int>(result);
    messages[i].msg_len = static_cast<decltype(messages[i].msg_len)>(result);
  }
  return count;
}

}  // namespace

const bool kHasBatches = false;

int ReceiveMessages(int fd, Message* messages, int count) {
  return ForEach(messages, count, [fd](msghdr* header) { return ReceiveHeader(fd, header, 0); });
}

int SendMessages(int fd, Message* messages, int count) {
  return ForEach(messages, count, [fd](const msghdr* header) {
    return RetryOnInterrupt([&] { return sendmsg(fd, header, kNoSignal); });
  });
}

}  // namespace iomux
