#ifndef IOMUX_NATIVE_SYS_DATAGRAM_H_
#define IOMUX_NATIVE_SYS_DATAGRAM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "native/sys/address.h"

// Datagrams in batches: one call for many of them, each with its address and fields of its IP
// header. The records are shared with JavaScript; see lib/io/datagram/datagram-records.ts.
//
// A train is a sequence of datagrams of one size, of which only the last may be shorter, that
// passes through the network stack as one message (UDP GSO and GRO).
namespace iomux {

// The most messages of one call. A message is a datagram or a train.
inline constexpr int kMostMessages = 64;

// The local side of a datagram (its destination if it was received, its source if it is sent), and
// fields of its header. -1 or 0 means that a value is not known, or that the socket's is used.
struct DatagramDetails {
  int32_t ttl;              // or hop limit; -1 for none
  int32_t tos;              // or traffic class, with ECN in the two lowest bits; -1 for none
  int32_t interface_index;  // 0 for none
  int32_t address_length;   // 4 or 16; 0 for none
  uint8_t address[16];
};

struct ReceivedDatagram {
  int32_t offset;  // of its first byte
  int32_t length;
  int32_t truncated;       // 1 if it was longer than the room for it
  int32_t segment;         // the size of the datagrams of a train; 0 for a single datagram
  int32_t address_length;  // of the sender; may exceed the size of `address`
  int32_t unused[3];
  DatagramDetails details;
  uint8_t address[sizeof(sockaddr_storage)];
};
static_assert(sizeof(ReceivedDatagram) == 192);

struct OutgoingDatagram {
  int32_t offset;  // of its first byte
  int32_t length;
  int32_t address_offset;
  int32_t address_length;  // 0 for the peer that the socket is connected to
  DatagramDetails details;
};
static_assert(sizeof(OutgoingDatagram) == 48);

// Receives up to `count` datagrams, as many as there are: how many, at least one, or a negated
// errno. `into` has room for `count` datagrams of `size` bytes each; longer ones are truncated.
// Afterwards they are packed at the beginning of `pool` if it has room for all of them, else of
// `into`; their offsets are from there. Without `control` only the address is known, and
// descriptors that arrive are closed.
[[nodiscard]] int ReceiveDatagrams(int fd, uint8_t* into, size_t size, ReceivedDatagram* records,
                                   int count, bool control, uint8_t* pool, size_t room);

// Sends datagrams, as many as one call can: how many, at least one, or the negated errno of the
// first. `family` is that of the peer, for datagrams without an address. With `segment`,
// consecutive datagrams of one size to one address are sent as a train, which the kernel or the
// device divides.
[[nodiscard]] int SendDatagrams(int fd, const uint8_t* bytes, const uint8_t* addresses,
                                const OutgoingDatagram* records, int count, int family,
                                bool segment);

// Whether the two use recvmmsg(2) and sendmmsg(2).
extern const bool kHasBatches;

// sendto(2), repeated if a signal interrupts it: 0, or a negated errno.
[[nodiscard]] int SendTo(int fd, const uint8_t* bytes, size_t length, const uint8_t* address,
                         size_t address_length);

// Makes the socket report the details of the datagrams that it receives. 0, or a negated errno.
[[nodiscard]] int EnableDetails(int fd, int family);
// CheckSegments: 0 if trains can be sent. EnableTrains: trains are received as such from now on, 0.
// A negated errno where the kernel cannot.
[[nodiscard]] int CheckSegments(int fd);
[[nodiscard]] int EnableTrains(int fd);

// Joins or leaves a multicast group on an interface; index 0 is the system's choice. Only for
// datagrams of `source`, unless its length is 0. 0, or a negated errno.
[[nodiscard]] int SetMembership(int fd, bool join, uint32_t interface_index, const Address& group,
                                const Address& source);
// Sets the interface for outgoing multicast.
[[nodiscard]] int SetMulticastInterface(int fd, int family, uint32_t interface_index);
// The index of an interface, or a negated errno: -ENODEV if there is none, -EINVAL if it cannot be
// a name.
[[nodiscard]] int InterfaceIndex(const std::string& name);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_DATAGRAM_H_
