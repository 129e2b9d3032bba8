#ifndef IOMUX_NATIVE_SYS_DATAGRAM_MESSAGES_H_
#define IOMUX_NATIVE_SYS_DATAGRAM_MESSAGES_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

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

// datagram_mmsg.cc or, where the kernel takes one message at a time, datagram_loop.cc: how many
// messages went, at least one, or the negated errno of the first.
[[nodiscard]] int ReceiveMessages(int fd, Message* messages, int count);
[[nodiscard]] int SendMessages(int fd, Message* messages, int count);

// Room for the control messages of one datagram, either way.
inline constexpr size_t kControlLength = 256;
struct alignas(cmsghdr) Control {
  uint8_t bytes[kControlLength];
};

// datagram_control_linux.cc or datagram_control_bsd.cc.
void ReadControl(const msghdr& header, ReceivedDatagram* datagram);
// Appends what the details ask for, and the size of the datagrams of a train (or 0); `header` has
// an empty buffer of kControlLength. 0, -ENOTSUP for what the system cannot do for one datagram,
// or -EINVAL.
[[nodiscard]] int WriteControl(msghdr* header, int family, const DatagramDetails& details,
                               int segment);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_DATAGRAM_MESSAGES_H_
