#ifndef IOMUX_NATIVE_SYS_MESSAGE_H_
#define IOMUX_NATIVE_SYS_MESSAGE_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "native/sys/address.h"

namespace iomux {

// A control message (cmsg(3)) as it crosses from and to JavaScript: these three numbers, then the
// data, padded to four bytes, then the next entry. Widths and padding of the system's form differ
// between systems.
struct ControlEntry {
  int32_t level;
  int32_t type;
  int32_t length;

  [[nodiscard]] size_t size() const {
    return sizeof(ControlEntry) + (static_cast<size_t>(length) + 3) / 4 * 4;
  }
};

// In bytes. The most descriptors that a message can carry, 253, are 1012 bytes.
inline constexpr size_t kMostControl = 4096;

struct Bytes {
  const uint8_t* data = nullptr;
  size_t length = 0;
};

// sendmsg(2), repeated if a signal interrupts it: a count of bytes, or a negated errno. An address
// of length 0 is none. The entries must be well-formed, and at most kMostControl bytes.
[[nodiscard]] int SendMessage(int fd, Bytes from, const Address& to, Bytes control, int flags);

struct Arrival {
  Address from;               // length 0 for none
  size_t control_length = 0;  // of the entries, in bytes
  int flags = 0;              // MSG_TRUNC, MSG_CTRUNC, ...
};

// recvmsg(2), likewise. Control messages are written into `control` as entries, at most `room`
// bytes and kMostControl. Descriptors that arrive are close-on-exec and belong to the caller; those
// for which there is no room are closed.
[[nodiscard]] int ReceiveMessage(int fd, uint8_t* into, size_t length, uint8_t* control,
                                 size_t room, int flags, Arrival* arrival);

// Replaces every descriptor in the entries by what `use` returns for it.
template <typename Use>
void ForEachDescriptor(uint8_t* control, size_t length, Use use) {
  ControlEntry entry;
  for (size_t at = 0; at + sizeof entry <= length; at += entry.size()) {
    std::memcpy(&entry, control + at, sizeof entry);
    if (entry.level != SOL_SOCKET || entry.type != SCM_RIGHTS) continue;
    uint8_t* data = control + at + sizeof entry;
    for (int32_t i = 0; i + static_cast<int32_t>(sizeof(int)) <= entry.length; i += sizeof(int)) {
      int fd;
      std::memcpy(&fd, data + i, sizeof fd);
      fd = use(fd);
      std::memcpy(data + i, &fd, sizeof fd);
    }
  }
}

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_MESSAGE_H_
