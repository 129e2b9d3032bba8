#ifndef IOMUX_NATIVE_SYS_DATAGRAM_CONTROL_H_
#define IOMUX_NATIVE_SYS_DATAGRAM_CONTROL_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>

#include "native/sys/datagram.h"
#include "native/sys/socket.h"

// Shared by datagram_control_linux.cc and datagram_control_bsd.cc: control messages, and the fields
// of the IPv6 header, which are the same everywhere (RFC 3542).
namespace iomux {

template <typename Value>
Value DataOf(const cmsghdr* message) {
  Value value{};
  std::memcpy(&value, CMSG_DATA(message), sizeof value);
  return value;
}

// The next control message, or null. CMSG_NXTHDR is not used, because musl's causes warnings.
inline cmsghdr* NextControl(const msghdr& header, cmsghdr* message) {
  if (message->cmsg_len < CMSG_LEN(0)) return nullptr;
  const auto* start = static_cast<const uint8_t*>(header.msg_control);
  const size_t at = static_cast<size_t>(reinterpret_cast<uint8_t*>(message) - start);
  const size_t size = CMSG_SPACE(message->cmsg_len - CMSG_LEN(0));
  if (at + size + CMSG_LEN(0) > header.msg_controllen) return nullptr;
  return reinterpret_cast<cmsghdr*>(reinterpret_cast<uint8_t*>(message) + size);
}

inline void SetAddress(DatagramDetails* details, const void* address, int length) {
  std::memcpy(details->address, address, static_cast<size_t>(length));
  details->address_length = length;
}

template <typename Value>
void Append(msghdr* header, int level, int type, const Value& value) {
  auto* message = reinterpret_cast<cmsghdr*>(static_cast<uint8_t*>(header->msg_control) +
                                             header->msg_controllen);
  *message = {};  // its padding too: see send_calls.h
  message->cmsg_level = level;
  message->cmsg_type = type;
  message->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(message), &value, sizeof value);
  header->msg_controllen += CMSG_SPACE(sizeof value);
}

// The source address for an IPv4 header; 0.0.0.0 for none. A mapped IPv4 address is converted;
// -EINVAL for any other IPv6 address.
[[nodiscard]] inline int GetIPv4Source(const DatagramDetails& details, in_addr* source) {
  *source = {};
  const auto length = static_cast<size_t>(details.address_length);
  if (length == 0) return 0;
  if (length == sizeof(in6_addr)) {
    in6_addr mapped{};
    std::memcpy(&mapped, details.address, sizeof mapped);
    if (!IN6_IS_ADDR_V4MAPPED(&mapped)) return -EINVAL;
  }
  std::memcpy(source, details.address + length - sizeof *source, sizeof *source);
  return 0;
}

#ifdef IP_PKTINFO  // Linux and Darwin

inline void ReadPacketInfo(const cmsghdr* message, DatagramDetails* details) {
  if (message->cmsg_type != IP_PKTINFO) return;
  const auto info = DataOf<in_pktinfo>(message);
  details->interface_index = static_cast<int32_t>(info.ipi_ifindex);
  SetAddress(details, &info.ipi_addr, sizeof info.ipi_addr);
}

[[nodiscard]] inline int WritePacketInfo(msghdr* header, const DatagramDetails& details) {
  in_pktinfo info{};
  info.ipi_ifindex = static_cast<decltype(info.ipi_ifindex)>(details.interface_index);
  const int result = GetIPv4Source(details, &info.ipi_spec_dst);
  if (result < 0) return result;
  Append(header, IPPROTO_IP, IP_PKTINFO, info);
  return 0;
}

#endif  // IP_PKTINFO

inline void ReadIPv6(const cmsghdr* message, DatagramDetails* details) {
  if (message->cmsg_type == IPV6_HOPLIMIT) details->ttl = DataOf<int>(message);
  if (message->cmsg_type == IPV6_TCLASS) details->tos = DataOf<int>(message);
  if (message->cmsg_type == IPV6_PKTINFO) {
    const auto info = DataOf<in6_pktinfo>(message);
    details->interface_index = static_cast<int32_t>(info.ipi6_ifindex);
    SetAddress(details, &info.ipi6_addr, sizeof info.ipi6_addr);
  }
}

[[nodiscard]] inline int WriteIPv6(msghdr* header, const DatagramDetails& details) {
  if (details.ttl >= 0) Append(header, IPPROTO_IPV6, IPV6_HOPLIMIT, details.ttl);
  if (details.tos >= 0) Append(header, IPPROTO_IPV6, IPV6_TCLASS, details.tos);
  if (details.interface_index == 0 && details.address_length == 0) return 0;
  in6_pktinfo info{};
  info.ipi6_ifindex = static_cast<unsigned>(details.interface_index);
  if (details.address_length == 16) std::memcpy(&info.ipi6_addr, details.address, 16);
  Append(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  return 0;
}

[[nodiscard]] inline int EnableIPv6Details(int fd) {
  for (const int name : {IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_RECVTCLASS}) {
    const int result = SetOption(fd, IPPROTO_IPV6, name, 1);
    if (result < 0) return result;
  }
  return 0;
}

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_DATAGRAM_CONTROL_H_
