#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cstring>
#include <initializer_list>

#include "native/sys/datagram.h"
#include "native/sys/datagram_messages.h"
#include "native/sys/errno.h"

// Since Linux 4.18 and 5.0; older headers lack the names.
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace iomux {
namespace {

template <typename Value>
Value Read(const cmsghdr* message) {
  Value value{};
  std::memcpy(&value, CMSG_DATA(message), sizeof value);
  return value;
}

void SetAddress(DatagramDetails* details, const void* address, int length) {
  std::memcpy(details->address, address, static_cast<size_t>(length));
  details->address_length = length;
}

void ReadIPv4(const cmsghdr* message, DatagramDetails* details) {
  if (message->cmsg_type == IP_TTL) details->ttl = Read<int>(message);
  if (message->cmsg_type == IP_TOS) details->tos = Read<uint8_t>(message);
  if (message->cmsg_type == IP_PKTINFO) {
    const auto info = Read<in_pktinfo>(message);
    details->interface_index = info.ipi_ifindex;
    SetAddress(details, &info.ipi_addr, sizeof info.ipi_addr);
  }
}

void ReadIPv6(const cmsghdr* message, DatagramDetails* details) {
  if (message->cmsg_type == IPV6_HOPLIMIT) details->ttl = Read<int>(message);
  if (message->cmsg_type == IPV6_TCLASS) details->tos = Read<int>(message);
  if (message->cmsg_type == IPV6_PKTINFO) {
    const auto info = Read<in6_pktinfo>(message);
    details->interface_index = static_cast<int32_t>(info.ipi6_ifindex);
    SetAddress(details, &info.ipi6_addr, sizeof info.ipi6_addr);
  }
}

template <typename Value>
void Append(msghdr* header, int level, int type, const Value& value) {
  auto* message = reinterpret_cast<cmsghdr*>(static_cast<uint8_t*>(header->msg_control) +
                                             header->msg_controllen);
  message->cmsg_level = level;
  message->cmsg_type = type;
  message->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(message), &value, sizeof value);
  header->msg_controllen += CMSG_SPACE(sizeof value);
}

int WriteIPv4(msghdr* header, const DatagramDetails& details) {
  if (details.ttl >= 0) Append(header, IPPROTO_IP, IP_TTL, details.ttl);
  if (details.tos >= 0) Append(header, IPPROTO_IP, IP_TOS, details.tos);
  if (details.interface_index == 0 && details.address_length == 0) return 0;
  in_pktinfo info{};
  info.ipi_ifindex = details.interface_index;
  const int result = GetIPv4Source(details, &info.ipi_spec_dst);
  if (result < 0) return result;
  Append(header, IPPROTO_IP, IP_PKTINFO, info);
  return 0;
}

int WriteIPv6(msghdr* header, const DatagramDetails& details) {
  if (details.ttl >= 0) Append(header, IPPROTO_IPV6, IPV6_HOPLIMIT, details.ttl);
  if (details.tos >= 0) Append(header, IPPROTO_IPV6, IPV6_TCLASS, details.tos);
  if (details.interface_index == 0 && details.address_length == 0) return 0;
  in6_pktinfo info{};
  info.ipi6_ifindex = static_cast<unsigned>(details.interface_index);
  if (details.address_length == 16) std::memcpy(&info.ipi6_addr, details.address, 16);
  Append(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  return 0;
}

int Enable(int fd, int level, int name) {
  const int on = 1;
  return ResultOf(setsockopt(fd, level, name, &on, sizeof on));
}

}  // namespace

void ReadControl(const msghdr& header, ReceivedDatagram* datagram) {
  for (auto* message = CMSG_FIRSTHDR(&header); message != nullptr;
       message = NextControl(header, message)) {
    if (message->cmsg_level == IPPROTO_IP) ReadIPv4(message, &datagram->details);
    if (message->cmsg_level == IPPROTO_IPV6) ReadIPv6(message, &datagram->details);
    if (message->cmsg_level == IPPROTO_UDP && message->cmsg_type == UDP_GRO) {
      datagram->segment = Read<int>(message);
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
  // A socket of IPv6 receives datagrams of IPv4 too, which have a header of their own.
  for (const int name : {IP_PKTINFO, IP_RECVTTL, IP_RECVTOS}) {
    if (family == AF_INET6 && name == IP_PKTINFO) continue;  // IPV6_RECVPKTINFO is for both
    const int result = Enable(fd, IPPROTO_IP, name);
    if (result < 0) return result;
  }
  if (family != AF_INET6) return 0;
  for (const int name : {IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS}) {
    const int result = Enable(fd, IPPROTO_IPV6, name);
    if (result < 0) return result;
  }
  return 0;
}

int CheckSegments(int fd) {
  const int none = 0;
  return ResultOf(setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof none));
}

int EnableTrains(int fd) { return Enable(fd, IPPROTO_UDP, UDP_GRO); }

}  // namespace iomux
