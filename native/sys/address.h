#ifndef IOMUX_NATIVE_SYS_ADDRESS_H_
#define IOMUX_NATIVE_SYS_ADDRESS_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace iomux {

// A socket address of any family with its length, as the system calls take it.
struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  // Copies as much of the bytes as any address has.
  static Address From(const uint8_t* bytes, size_t length);

  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// Darwin and the BSDs begin an address with its length, and have one byte for the family.
inline constexpr bool kHasLength = sizeof(sa_family_t) == 1;
// Where the byte of the family is that is not zero.
inline constexpr size_t kFamilyOffset =
    offsetof(sockaddr, sa_family) +
    (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(sa_family_t) - 1 : 0);

// An IPv6 address with the name of its zone, and the NUL byte.
inline constexpr size_t kHostLength = 46 + 1 + 16;

// Reads "127.0.0.1", "::1" or "fe80::1%eth0". 0, or -EINVAL.
[[nodiscard]] int ParseInternetAddress(const std::string& text, int port, Address* address);
// The reverse of it, without the port; empty for an address of any other family.
void WriteHost(const Address& address, char (&host)[kHostLength]);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_ADDRESS_H_
