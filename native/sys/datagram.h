#ifndef IOMUX_NATIVE_SYS_DATAGRAM_H_
#define IOMUX_NATIVE_SYS_DATAGRAM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "native/sys/address.h"

// Datagrams by the batch: one call for many of them, each with its address and what the network
// says of it. Records are in memory that JavaScript reads and writes too; see
// lib/io/datagram/datagram-records.ts.
namespace iomux {

// How many messages one call moves at most. A message may be a train of datagrams.
inline constexpr int kMostMessages = 64;

// Where a datagram came to, or from where it shall go out, and the fields of its header.
struct DatagramDetails {
  int32_t ttl;              // or hop limit; -1: not known, or as the socket has it
  int32_t tos;              // or traffic class, with ECN in the two lowest bits; -1 likewise
  int32_t interface_index;  // 0 likewise
  int32_t address_length;   // 4, 16, or 0 likewise
  uint8_t address[16];
};

struct ReceivedDatagram {
  int32_t offset;  // of its first byte
  int32_t length;
  int32_t truncated;       // 1: there was more of it than room
  int32_t segment;         // not 0: a train of datagrams of this size, but for the last
  int32_t address_length;  // of the sender; may be longer than what is there
  int32_t unused[3];
  DatagramDetails details;
  uint8_t address[sizeof(sockaddr_storage)];
};
static_assert(sizeof(ReceivedDatagram) == 192);

struct OutgoingDatagram {
  int32_t offset;  // of its first byte
  int32_t length;
  int32_t address_offset;
  int32_t address_length;  // 0: to the peer that the socket is connected to
  DatagramDetails details;
};
static_assert(sizeof(OutgoingDatagram) == 48);

// Receives up to `count` datagrams, as many as are there: how many, at least one, or a negated
// errno. `into` has room for `count` of them with `size` bytes each; what is longer is cut off. In
// the end they stand one behind the other, at the beginning of `pool` if it has room for all of
// them, else at that of `into`, and their offsets are from there. Without `control` nothing is
// known but the address, and descriptors that come along are closed.
[[nodiscard]] int ReceiveDatagrams(int fd, uint8_t* into, size_t size, ReceivedDatagram* records,
                                   int count, bool control, uint8_t* pool, size_t room);

// Sends as many as one call does, at least one: how many, or the negated errno of the first.
// `family` is that of the peer where there is no address. With `segment`, consecutive datagrams of
// one size to one address are handed over as a train, which the kernel or the device cuts up.
[[nodiscard]] int SendDatagrams(int fd, const uint8_t* bytes, const uint8_t* addresses,
                                const OutgoingDatagram* records, int count, int family,
                                bool segment);

// Whether those are recvmmsg(2) and sendmmsg(2).
extern const bool kHasBatches;

// sendto(2), repeated when a signal interrupts it: 0, or a negated errno.
[[nodiscard]] int SendTo(int fd, const uint8_t* bytes, size_t length, const uint8_t* address,
                         size_t address_length);

// Has the details of every datagram received from now on. 0, or a negated errno.
[[nodiscard]] int EnableDetails(int fd, int family);
// Whether the kernel cuts up trains, and has trains received as such from now on. 0, or a negated
// errno where it cannot.
[[nodiscard]] int CheckSegments(int fd);
[[nodiscard]] int EnableTrains(int fd);

// Joins (or leaves) a multicast group on an interface; 0 is the system's choice. With `source`,
// for datagrams of that sender only. 0, or a negated errno.
[[nodiscard]] int SetMembership(int fd, bool join, uint32_t interface_index, const Address& group,
                                const Address* source);
// The interface on which multicast goes out.
[[nodiscard]] int SetMulticastInterface(int fd, int family, uint32_t interface_index);
// The number of an interface, or a negated errno: -ENODEV where there is none, -EINVAL for what is
// no name.
[[nodiscard]] int InterfaceIndex(const std::string& name);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_DATAGRAM_H_
