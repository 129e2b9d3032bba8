#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "native/sys/errno.h"
#include "native/sys/message.h"
#include "native/sys/rights.h"

namespace iomux {
namespace {

// Room for all that a message can carry: at most 512 descriptors.
struct alignas(cmsghdr) Everything {
  uint8_t bytes[kMostControl];
};

// Closes the descriptors of a control message after the first `kept` bytes of its data.
void CloseAfter(const uint8_t* message, size_t kept) {
  cmsghdr head;
  std::memcpy(&head, message, sizeof head);
  if (head.cmsg_level != SOL_SOCKET || head.cmsg_type != SCM_RIGHTS) return;
  for (size_t at = CMSG_LEN(kept); at + sizeof(int) <= head.cmsg_len; at += sizeof(int)) {
    int fd;
    std::memcpy(&fd, message + at, sizeof fd);
    ::close(fd);
  }
}

// Copies a control message, as far as there is room: how many bytes it takes. Descriptors that do
// not fit are closed.
size_t Move(uint8_t* message, uint8_t* to, size_t room, int* flags) {
  cmsghdr head;
  std::memcpy(&head, message, sizeof head);
  if (head.cmsg_len <= room) {
    std::memcpy(to, message, head.cmsg_len);
    return std::min<size_t>(CMSG_SPACE(head.cmsg_len - CMSG_LEN(0)), room);
  }
  *flags |= MSG_CTRUNC;
  const size_t whole = room <= CMSG_LEN(0) ? 0 : (room - CMSG_LEN(0)) / sizeof(int) * sizeof(int);
  CloseAfter(message, whole);
  if (whole == 0) return 0;
  head.cmsg_len = CMSG_LEN(whole);
  std::memcpy(message, &head, sizeof head);
  std::memcpy(to, message, head.cmsg_len);
  return std::min<size_t>(CMSG_SPACE(whole), room);
}

}  // namespace

ssize_t ReceiveBytes(int fd, uint8_t* into, size_t length) {
  iovec part = {into, length};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  return ReceiveHeader(fd, &header, 0);
}

ssize_t ReceiveHeader(int fd, msghdr* header, int flags) {
  // MSG_PEEK makes no descriptors.
  if ((flags & MSG_PEEK) != 0) {
    return RetryOnInterrupt([&] { return recvmsg(fd, header, flags); });
  }
  Everything everything;
  auto* control = static_cast<uint8_t*>(header->msg_control);
  const size_t room = control == nullptr ? 0 : header->msg_controllen;
  msghdr all = *header;
  const ssize_t count = RetryOnInterrupt([&] {
    all = *header;
    all.msg_control = everything.bytes;
    all.msg_controllen = sizeof everything.bytes;
    return recvmsg(fd, &all, flags);
  });
  if (count < 0) return count;
  size_t used = 0;
  for (size_t at = 0; at + CMSG_LEN(0) <= all.msg_controllen;) {
    cmsghdr head;
    std::memcpy(&head, everything.bytes + at, sizeof head);
    if (head.cmsg_len < CMSG_LEN(0) || head.cmsg_len > all.msg_controllen - at) break;
    used += Move(everything.bytes + at, control + used, room - used, &all.msg_flags);
    at += CMSG_SPACE(head.cmsg_len - CMSG_LEN(0));
  }
  *header = all;
  header->msg_control = control;
  header->msg_controllen = static_cast<decltype(header->msg_controllen)>(used);
  return count;
}

}  // namespace iomux
