#ifndef IOMUX_NATIVE_SYS_DATAGRAM_MESSAGES_H_
#define IOMUX_NATIVE_SYS_DATAGRAM_MESSAGES_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "native/sys/datagram.h"

// What datagram.cc needs of the system, each part in a file that binding.gyp chooses.
namespace iomux {

#ifdef MSG_WAITFORONE
using Message = mmsghdr;
#else
struct Message {
  msghdr msg_hdr;
  ssize_t msg_len;
};
#endif

// Darwin has a socket option instead.
#ifdef MSG_NOSIGNAL
inline constexpr int kSendFlags = MSG_NOSIGNAL;
#else
inline constexpr int kSendFlags = 0;
#endif

// datagram_mmsg.cc or, where the kernel takes one message at a time, datagram_loop.cc: how many
// messages went, at least one, or the negated errno of the first.
[[nodiscard]] int ReceiveMessages(int fd, Message* messages, int count);
[[nodiscard]] int SendMessages(int fd, Message* messages, int count);

// Room for the control messages of one datagram, either way.
inline constexpr size_t kControlLength = 256;
struct alignas(cmsghdr) Control {
  uint8_t bytes[kControlLength];
};

// The control message behind this one, or null. CMSG_NXTHDR would do, but for warnings about what
// it is made of on musl.
inline cmsghdr* NextControl(const msghdr& header, cmsghdr* message) {
  if (message->cmsg_len < CMSG_LEN(0)) return nullptr;
  const auto* start = static_cast<const uint8_t*>(header.msg_control);
  const size_t at = static_cast<size_t>(reinterpret_cast<uint8_t*>(message) - start);
  const size_t size = CMSG_SPACE(message->cmsg_len - CMSG_LEN(0));
  if (at + size + CMSG_LEN(0) > header.msg_controllen) return nullptr;
  return reinterpret_cast<cmsghdr*>(reinterpret_cast<uint8_t*>(message) + size);
}

// The address to send from, or 0.0.0.0 for any, where the header is that of IPv4. An IPv4 address
// that is dressed as one of IPv6 has it at its end; -EINVAL for any other one of IPv6.
[[nodiscard]] inline int GetIPv4Source(const DatagramDetails& details, in_addr* source) {
  *source = {};
  const auto length = static_cast<size_t>(details.address_length);
  if (length == 0) return 0;
  if (length == sizeof(in6_addr)) {
    in6_addr dressed{};
    std::memcpy(&dressed, details.address, sizeof dressed);
    if (!IN6_IS_ADDR_V4MAPPED(&dressed)) return -EINVAL;
  }
  std::memcpy(source, details.address + length - sizeof *source, sizeof *source);
  return 0;
}

// datagram_control_linux.cc or datagram_control_bsd.cc.
void ReadControl(const msghdr& header, ReceivedDatagram* datagram);
// Appends what the details ask for, and the size of the datagrams of a train (or 0); `header` has
// an empty buffer of kControlLength. 0, -ENOTSUP for what the system cannot do for one datagram,
// or -EINVAL.
[[nodiscard]] int WriteControl(msghdr* header, int family, const DatagramDetails& details,
                               int segment);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_DATAGRAM_MESSAGES_H_
