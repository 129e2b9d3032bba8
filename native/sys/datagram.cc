#include "native/sys/datagram.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "native/sys/datagram_messages.h"
#include "native/sys/errno.h"
#include "native/sys/socket.h"

namespace iomux {
namespace {

// A train is one packet until it is divided, so it must fit into an IPv6 packet with its headers.
// It must not have more datagrams than kernels before 6.9 take.
constexpr int kMostTrainBytes = 65535 - 40 - 8;
constexpr int kMostTrainLength = 64;

bool SameButForLength(const OutgoingDatagram& one, const OutgoingDatagram& other) {
  return one.address_offset == other.address_offset && one.address_length == other.address_length &&
         std::memcmp(&one.details, &other.details, sizeof one.details) == 0;
}

// How many of the datagrams can be sent as a train. The last one may be shorter, but not empty.
int TrainLength(const OutgoingDatagram* records, int count) {
  const int size = records[0].length;
  const int most = size == 0 ? 1 : std::min({count, kMostTrainLength, kMostTrainBytes / size});
  for (int length = 1; length < most; ++length) {
    const OutgoingDatagram& next = records[length];
    const bool follows = next.offset == records[0].offset + length * size;
    if (!follows || next.length == 0 || next.length > size) return length;
    if (!SameButForLength(records[0], next)) return length;
    if (next.length < size) return length + 1;
  }
  return std::max(most, 1);
}

// The family of the datagram's IP header: IPv4 if the IPv6 address is a mapped IPv4 address.
int FamilyOf(const uint8_t* address, int length, int otherwise) {
  if (length == 0) return otherwise;
  const int family = address[kFamilyOffset];
  if (family != AF_INET6 || length < static_cast<int>(sizeof(sockaddr_in6))) return family;
  sockaddr_in6 in{};
  std::memcpy(&in, address, sizeof in);
  return IN6_IS_ADDR_V4MAPPED(&in.sin6_addr) ? AF_INET : AF_INET6;
}

bool IsDefault(const DatagramDetails& details) {
  return details.ttl < 0 && details.tos < 0 && details.interface_index == 0 &&
         details.address_length == 0;
}

void Finish(const Message& message, ReceivedDatagram* record, bool control) {
  record->length = static_cast<int32_t>(message.msg_len);
  record->truncated = (message.msg_hdr.msg_flags & MSG_TRUNC) != 0 ? 1 : 0;
  record->segment = 0;
  record->address_length = static_cast<int32_t>(message.msg_hdr.msg_namelen);
  record->details = {-1, -1, 0, 0, {}};
  if (control) ReadControl(message.msg_hdr, record);
}

}  // namespace

int ReceiveDatagrams(int fd, uint8_t* into, size_t size, ReceivedDatagram* records, int count,
                     bool control, uint8_t* pool, size_t room) {
  Message messages[kMostMessages];
  iovec vectors[kMostMessages];
  Control controls[kMostMessages];
  count = std::min(count, kMostMessages);
  for (int i = 0; i < count; ++i) {
    records[i].offset = static_cast<int32_t>(static_cast<size_t>(i) * size);
    vectors[i] = {into + records[i].offset, size};
    messages[i] = {};
    msghdr& header = messages[i].msg_hdr;
    header.msg_name = records[i].address;
    header.msg_namelen = sizeof records[i].address;
    header.msg_iov = &vectors[i];
    header.msg_iovlen = 1;
    if (!control) continue;
    header.msg_control = controls[i].bytes;
    header.msg_controllen = kControlLength;
  }
  const int received = ReceiveMessages(fd, messages, count);
  size_t total = 0;
  for (int i = 0; i < received; ++i) total += messages[i].msg_len;
  uint8_t* to = total <= room ? pool : into;
  int32_t end = 0;
  for (int i = 0; i < received; ++i) {
    Finish(messages[i], &records[i], control);
    const auto length = static_cast<size_t>(records[i].length);
    if (length > 0) std::memmove(to + end, into + records[i].offset, length);
    records[i].offset = end;
    end += records[i].length;
  }
  return received;
}

int SendDatagrams(int fd, const uint8_t* bytes, const uint8_t* addresses,
                  const OutgoingDatagram* records, int count, int family, bool segment) {
  Message messages[kMostMessages];
  iovec vectors[kMostMessages];
  Control controls[kMostMessages];
  int ends[kMostMessages];  // how many datagrams have been sent with this message and those before
  int length = 0;
  for (int taken = 0; taken < count && length < kMostMessages; ++length) {
    const OutgoingDatagram* first = &records[taken];
    const int train = segment ? TrainLength(first, count - taken) : 1;
    const OutgoingDatagram& last = first[train - 1];
    const uint8_t* address = addresses + first->address_offset;
    messages[length] = {};
    msghdr& header = messages[length].msg_hdr;
    vectors[length] = {const_cast<uint8_t*>(bytes) + first->offset,
                       static_cast<size_t>(last.offset + last.length - first->offset)};
    header.msg_iov = &vectors[length];
    header.msg_iovlen = 1;
    if (first->address_length > 0) header.msg_name = const_cast<uint8_t*>(address);
    header.msg_namelen = static_cast<socklen_t>(first->address_length);
    if (train > 1 || !IsDefault(first->details)) {
      header.msg_control = controls[length].bytes;
      const int result = WriteControl(&header, FamilyOf(address, first->address_length, family),
                                      first->details, train > 1 ? first->length : 0);
      if (result < 0 && length == 0) return result;
      if (result < 0) break;
    }
    taken += train;
    ends[length] = taken;
  }
  const int sent = SendMessages(fd, messages, length);
  return sent > 0 ? ends[sent - 1] : sent;
}

int SendTo(int fd, const uint8_t* bytes, size_t length, const uint8_t* address,
           size_t address_length) {
  const auto* name = reinterpret_cast<const sockaddr*>(address_length == 0 ? nullptr : address);
  const auto result = RetryOnInterrupt([&] {
    return sendto(fd, bytes, length, kNoSignal, name, static_cast<socklen_t>(address_length));
  });
  return result < 0 ? static_cast<int>(result) : 0;
}

int SetMembership(int fd, bool join, uint32_t interface_index, const Address& group,
                  const Address& source) {
  const int level = group.storage.ss_family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
  if (source.length == 0) {
    group_req request{};
    request.gr_interface = interface_index;
    request.gr_group = group.storage;
    return ResultOf(setsockopt(fd, level, join ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP, &request,
                               sizeof request));
  }
  group_source_req request{};
  request.gsr_interface = interface_index;
  request.gsr_group = group.storage;
  request.gsr_source = source.storage;
  return ResultOf(setsockopt(fd, level, join ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP,
                             &request, sizeof request));
}

int SetMulticastInterface(int fd, int family, uint32_t interface_index) {
  const auto index = static_cast<int>(interface_index);
  if (family == AF_INET6) return SetOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index);
  ip_mreqn request{};
  request.imr_ifindex = index;
  return ResultOf(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request));
}

int InterfaceIndex(const std::string& name) {
  // What follows a NUL would be ignored.
  if (std::strlen(name.c_str()) < name.size()) return -EINVAL;
  const unsigned index = if_nametoindex(name.c_str());
  if (index != 0) return static_cast<int>(index);
  // Darwin and FreeBSD report ENXIO, as RFC 3493 says.
  return errno == ENXIO ? -ENODEV : -errno;
}

}  // namespace iomux
