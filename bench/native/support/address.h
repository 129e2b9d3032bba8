// Addresses of the measured programs: ports of the loopback interface, or Unix sockets.
//
// On a command line an address is a port, 0 for any that is free, or a path, which begins with a
// slash.

#ifndef BENCH_NATIVE_SUPPORT_ADDRESS_H_
#define BENCH_NATIVE_SUPPORT_ADDRESS_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "support/must.h"
#include "support/number.h"

namespace bench {

class Address {
 public:
  [[nodiscard]] static Address Parse(const char* text) {
    return text[0] == '/' ? OfPath(text)
                          : OfPort(ParseInteger<uint16_t>("ADDRESS", text, 0, 65535));
  }

  // The address that a socket is bound to.
  [[nodiscard]] static Address Of(int fd) {
    Address address;
    address.length_ = sizeof address.storage_;
    Must(getsockname(fd, address.bytes(), &address.length_), "getsockname");
    return address;
  }

  [[nodiscard]] int domain() const { return storage_.ss_family; }
  [[nodiscard]] bool is_internet() const { return domain() == AF_INET; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  [[nodiscard]] socklen_t length() const { return length_; }

  // The text that Parse() takes for this address.
  [[nodiscard]] std::string text() const {
    if (!is_internet()) return reinterpret_cast<const sockaddr_un*>(&storage_)->sun_path;
    return std::to_string(ntohs(reinterpret_cast<const sockaddr_in*>(&storage_)->sin_port));
  }

 private:
  [[nodiscard]] static Address OfPort(uint16_t port) {
    Address address;
    auto* const in = reinterpret_cast<sockaddr_in*>(&address.storage_);
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.length_ = sizeof *in;
    return address;
  }

  [[nodiscard]] static Address OfPath(const char* path) {
    Address address;
    auto* const un = reinterpret_cast<sockaddr_un*>(&address.storage_);
    if (std::strlen(path) >= sizeof un->sun_path) Fail(path, "is too long for a Unix socket");
    un->sun_family = AF_UNIX;
    std::strcpy(un->sun_path, path);
    address.length_ = sizeof *un;
    return address;
  }

  [[nodiscard]] sockaddr* bytes() { return reinterpret_cast<sockaddr*>(&storage_); }

  sockaddr_storage storage_{};
  socklen_t length_ = 0;
};

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_ADDRESS_H_
