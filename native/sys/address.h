#ifndef IOMUX_NATIVE_SYS_ADDRESS_H_
#define IOMUX_NATIVE_SYS_ADDRESS_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace iomux {

// A socket address of any family and its length, as the system calls take them.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  // Copies the bytes, up to the size of the largest address.
  static Address From(const uint8_t* bytes, size_t length);

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// On Darwin and the BSDs an address begins with its length, and the family is one byte.
inline constexpr bool kHasLength = sizeof(sa_family_t) == 1;
// The offset of the byte that holds the family. If there is a second one, it is zero.
inline constexpr size_t kFamilyOffset =
    offsetof(sockaddr, sa_family) +
    (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(sa_family_t) - 1 : 0);

// Room for an IPv6 address with the name of its zone, and a NUL.
inline constexpr size_t kHostLength = 46 + 1 + 16;

// Parses "127.0.0.1", "::1" or "fe80::1%eth0". 0, or -EINVAL.
[[nodiscard]] int ParseInternetAddress(const std::string& text, int port, Address* address);
// The reverse, without the port. Empty for an address of any other family.
void WriteHost(const Address& address, char (&host)[kHostLength]);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_ADDRESS_H_
