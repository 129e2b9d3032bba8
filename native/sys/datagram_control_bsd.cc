// By default Darwin has the options of RFC 2292, the predecessor of RFC 3542, with other numbers.
#define __APPLE_USE_RFC_3542 1

#include <net/if.h>
#include <net/if_dl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstring>

#include "native/sys/datagram_control.h"
#include "native/sys/datagram_messages.h"

// Darwin and FreeBSD report the same of a datagram that is received, in different control messages.
// For one that is sent over IPv4, neither takes a TTL from a control message, Darwin no TOS (it
// would ignore them), and FreeBSD no interface. Neither divides trains.
namespace iomux {
namespace {

#ifdef IP_PKTINFO

int EnableDestination(int fd) { return SetOption(fd, IPPROTO_IP, IP_PKTINFO, 1); }

constexpr auto ReadDestination = ReadPacketInfo;
constexpr auto WriteSource = WritePacketInfo;

int WriteTos(msghdr* /*header*/, int /*tos*/) { return -ENOTSUP; }

#else

int EnableDestination(int fd) {
  const int result = SetOption(fd, IPPROTO_IP, IP_RECVDSTADDR, 1);
  return result < 0 ? result : SetOption(fd, IPPROTO_IP, IP_RECVIF, 1);
}

void ReadDestination(const cmsghdr* message, DatagramDetails* details) {
  if (message->cmsg_type == IP_RECVIF) {
    sockaddr_dl link{};
    std::memcpy(&link, CMSG_DATA(message), offsetof(sockaddr_dl, sdl_data));
    details->interface_index = link.sdl_index;
  }
  if (message->cmsg_type == IP_RECVDSTADDR) {
    SetAddress(details, CMSG_DATA(message), sizeof(in_addr));
  }
}

int WriteSource(msghdr* header, const DatagramDetails& details) {
  if (details.interface_index != 0) return -ENOTSUP;
  in_addr source{};
  const int result = GetIPv4Source(details, &source);
  if (result < 0) return result;
  Append(header, IPPROTO_IP, IP_SENDSRCADDR, source);
  return 0;
}

int WriteTos(msghdr* header, int tos) {
  Append(header, IPPROTO_IP, IP_TOS, static_cast<uint8_t>(tos));
  return 0;
}

#endif  // IP_PKTINFO

void ReadIPv4(const cmsghdr* message, DatagramDetails* details) {
  if (message->cmsg_type == IP_RECVTTL) details->ttl = DataOf<uint8_t>(message);
  if (message->cmsg_type == IP_RECVTOS) details->tos = DataOf<uint8_t>(message);
  ReadDestination(message, details);
}

int WriteIPv4(msghdr* header, const DatagramDetails& details) {
  if (details.ttl >= 0) return -ENOTSUP;
  const int result = details.tos >= 0 ? WriteTos(header, details.tos) : 0;
  if (result < 0) return result;
  const bool asks = details.interface_index != 0 || details.address_length != 0;
  return asks ? WriteSource(header, details) : 0;
}

}  // namespace

void ReadControl(const msghdr& header, ReceivedDatagram* datagram) {
  for (auto* message = CMSG_FIRSTHDR(&header); message != nullptr;
       message = NextControl(header, message)) {
    if (message->cmsg_level == IPPROTO_IP) ReadIPv4(message, &datagram->details);
    if (message->cmsg_level == IPPROTO_IPV6) ReadIPv6(message, &datagram->details);
  }
}

int WriteControl(msghdr* header, int family, const DatagramDetails& details, int segment) {
  if (segment > 0) return -ENOTSUP;
  return family == AF_INET6 ? WriteIPv6(header, details) : WriteIPv4(header, details);
}

int EnableDetails(int fd, int family) {
  if (family == AF_INET6) return EnableIPv6Details(fd);
  int result = EnableDestination(fd);
  if (result == 0) result = SetOption(fd, IPPROTO_IP, IP_RECVTTL, 1);
  return result < 0 ? result : SetOption(fd, IPPROTO_IP, IP_RECVTOS, 1);
}

int CheckSegments(int /*fd*/) { return -ENOTSUP; }

int EnableTrains(int /*fd*/) { return -ENOTSUP; }

}  // namespace iomux
