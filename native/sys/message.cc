#include "native/sys/message.h"

#include <algorithm>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/rights.h"
#include "native/sys/send_calls.h"
#include "native/sys/socket.h"

namespace iomux {
namespace {

// Room for the system's form of kMostControl bytes of entries: a header has up to 16 bytes instead
// of 12, and data is padded to up to 8 bytes instead of 4.
struct alignas(cmsghdr) ControlBuffer {
  uint8_t bytes[2 * kMostControl];
};

int Encode(Bytes control, msghdr* message, ControlBuffer* buffer) {
  ControlEntry entry;
  size_t used = 0;
  for (size_t at = 0; at < control.length; at += entry.size()) {
    std::memcpy(&entry, control.data + at, sizeof entry);
    const size_t space = CMSG_SPACE(static_cast<size_t>(entry.length));
    if (used + space > sizeof buffer->bytes) return -EINVAL;
    auto* header = reinterpret_cast<cmsghdr*>(buffer->bytes + used);
    *header = {};  // its padding too: see send_calls.h
    header->cmsg_level = entry.level;
    header->cmsg_type = entry.type;
    header->cmsg_len = CMSG_LEN(static_cast<size_t>(entry.length));
    std::memcpy(CMSG_DATA(header), control.data + at + sizeof entry,
                static_cast<size_t>(entry.length));
    used += space;
  }
  message->msg_control = buffer->bytes;
  message->msg_controllen = static_cast<decltype(message->msg_controllen)>(used);
  return 0;
}

// Converts `length` bytes of the system's form; returns the size of the entries. CMSG_NXTHDR is not
// used, because musl's causes warnings.
size_t Decode(const ControlBuffer& buffer, size_t length, uint8_t* control, bool has_rights) {
  size_t used = 0;
  for (size_t at = 0; at + CMSG_LEN(0) <= length;) {
    const auto* header = reinterpret_cast<const cmsghdr*>(buffer.bytes + at);
    if (header->cmsg_len < CMSG_LEN(0)) break;
    // The length of one that was truncated may be the original one.
    const size_t size = std::min<size_t>(header->cmsg_len, length - at) - CMSG_LEN(0);
    at += CMSG_SPACE(size);
    const bool rights = header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS;
    if (rights && !has_rights) continue;
    const ControlEntry entry = {header->cmsg_level, header->cmsg_type, static_cast<int32_t>(size)};
    std::memcpy(control + used, &entry, sizeof entry);
    std::memcpy(control + used + sizeof entry, CMSG_DATA(header), size);
    used += entry.size();
  }
  return used;
}

#ifdef MSG_CMSG_CLOEXEC
constexpr int kCloseOnExec = MSG_CMSG_CLOEXEC;
#else
constexpr int kCloseOnExec = 0;
#endif

// A process that another thread starts before this inherits the descriptors.
void CloseOnExec(uint8_t* control, size_t length) {
  ForEachDescriptor(control, length, [](int fd) {
    static_cast<void>(SetCloseOnExec(fd));
    return fd;
  });
}

}  // namespace

int SendMessage(int fd, Bytes from, const Address& to, Bytes control, int flags) {
  iovec part = {const_cast<uint8_t*>(from.data), std::min(from.length, kMostBytes)};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (to.length != 0) {
    message.msg_name = const_cast<sockaddr*>(to.get());
    message.msg_namelen = to.length;
  }
  ControlBuffer buffer;
  if (control.length != 0) {
    const int result = Encode(control, &message, &buffer);
    if (result < 0) return result;
  }
  return static_cast<int>(
      RetryOnInterrupt([&] { return CallSendmsg(fd, &message, flags | kNoSignal); }));
}

int ReceiveMessage(int fd, uint8_t* into, size_t length, uint8_t* control, size_t room, int flags,
                   Arrival* arrival) {
  iovec part = {into, std::min(length, kMostBytes)};
  ControlBuffer buffer;
  msghdr message;
  const auto receive = [&](int all_flags) {
    message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_name = &arrival->from.storage;
    message.msg_namelen = sizeof arrival->from.storage;
    message.msg_control = room == 0 ? nullptr : buffer.bytes;
    message.msg_controllen =
        static_cast<decltype(message.msg_controllen)>(std::min(room, kMostControl));
    return static_cast<int>(ReceiveHeader(fd, &message, all_flags));
  };
  int count = receive(room == 0 ? flags : flags | kCloseOnExec);
  // packet(7) refuses unknown flags; it never carries descriptors.
  if (count == -EINVAL && room != 0 && kCloseOnExec != 0) count = receive(flags);
  if (count < 0) return count;
  arrival->from.length = message.msg_namelen;
  arrival->flags = message.msg_flags & ~kCloseOnExec;
  const bool has_rights = kPeeksRights || (flags & MSG_PEEK) == 0;
  arrival->control_length = Decode(buffer, message.msg_controllen, control, has_rights);
  if (!kReceivesCloseOnExec) CloseOnExec(control, arrival->control_length);
  return count;
}

}  // namespace iomux
