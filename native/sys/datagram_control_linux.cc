#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <initializer_list>

#include "native/sys/datagram_control.h"
#include "native/sys/datagram_messages.h"

// Since Linux 4.18 and 5.0; older headers lack the names.
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace iomux {
namespace {

void ReadIPv4(const cmsghdr* message, DatagramDetails* details) {
  if (message->cmsg_type == IP_TTL) details->ttl = DataOf<int>(message);
  if (message->cmsg_type == IP_TOS) details->tos = DataOf<uint8_t>(message);
  ReadPacketInfo(message, details);
}

int WriteIPv4(msghdr* header, const DatagramDetails& details) {
  if (details.ttl >= 0) Append(header, IPPROTO_IP, IP_TTL, details.ttl);
  if (details.tos >= 0) Append(header, IPPROTO_IP, IP_TOS, details.tos);
  const bool asks = details.interface_index != 0 || details.address_length != 0;
  return asks ? WritePacketInfo(header, details) : 0;
}

}  // namespace

void ReadControl(const msghdr& header, ReceivedDatagram* datagram) {
  for (auto* message = CMSG_FIRSTHDR(&header); message != nullptr;
       message = NextControl(header, message)) {
    if (message->cmsg_level == IPPROTO_IP) ReadIPv4(message, &datagram->details);
    if (message->cmsg_level == IPPROTO_IPV6) ReadIPv6(message, &datagram->details);
    if (message->cmsg_level == IPPROTO_UDP && message->cmsg_type == UDP_GRO) {
      datagram->segment = DataOf<int>(message);
    }
  }
}

int WriteControl(msghdr* header, int family, const DatagramDetails& details, int segment) {
  const int result = family == AF_INET6 ? WriteIPv6(header, details) : WriteIPv4(header, details);
  if (result < 0) return result;
  if (segment > 0) Append(header, IPPROTO_UDP, UDP_SEGMENT, static_cast<uint16_t>(segment));
  return 0;
}

int EnableDetails(int fd, int family) {
  // An IPv6 socket receives IPv4 datagrams, too, whose header has options of its own.
  for (const int name : {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS}) {
    if (family == AF_INET6 && name == IP_PKTINFO) continue;  // IPV6_RECVPKTINFO is for both
    const int result = SetOption(fd, IPPROTO_IP, name, 1);
    if (result < 0) return result;
  }
  return family == AF_INET6 ? EnableIPv6Details(fd) : 0;
}

int CheckSegments(int fd) { return SetOption(fd, IPPROTO_UDP, UDP_SEGMENT, 0); }

int EnableTrains(int fd) { return SetOption(fd, IPPROTO_UDP, UDP_GRO, 1); }

}  // namespace iomux
