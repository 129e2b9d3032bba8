#ifndef IOMUX_NATIVE_SYS_DATAGRAM_MESSAGES_H_
#define IOMUX_NATIVE_SYS_DATAGRAM_MESSAGES_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

#include "native/sys/datagram.h"

// The parts of datagram.cc that depend on the system, each in a file that binding.gyp chooses.
namespace iomux {

#ifdef MSG_WAITFORONE
using Message = mmsghdr;
#else
struct Message {
  msghdr msg_hdr;
  ssize_t msg_len;
};
#endif

// In datagram_mmsg.cc, or in datagram_loop.cc where the kernel takes one message at a time: how
// many messages were moved, at least one, or the negated errno of the first.
[[nodiscard]] int ReceiveMessages(int fd, Message* messages, int count);
[[nodiscard]] int SendMessages(int fd, Message* messages, int count);

// Room for the control messages of one datagram, either way.
inline constexpr size_t kControlLength = 256;
struct alignas(cmsghdr) Control {
  uint8_t bytes[kControlLength];
};

// In datagram_control_linux.cc or datagram_control_bsd.cc.
void ReadControl(const msghdr& header, ReceivedDatagram* datagram);
// Appends control messages for the details, and for the size of the datagrams of a train (0 for a
// single one), to `header`, whose buffer has kControlLength bytes and is empty. 0, -ENOTSUP for
// what the system cannot set for one datagram, or -EINVAL.
[[nodiscard]] int WriteControl(msghdr* header, int family, const DatagramDetails& details,
                               int segment);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_DATAGRAM_MESSAGES_H_
