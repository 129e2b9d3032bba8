#include "native/sys/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace iomux {
namespace {

int ParseIPv4(const char* text, int port, Address* address) {
  auto* in = reinterpret_cast<sockaddr_in*>(&address->storage);
  if (inet_pton(AF_INET, text, &in->sin_addr) != 1) return -EINVAL;
  in->sin_family = AF_INET;
  in->sin_port = htons(static_cast<uint16_t>(port));
  address->length = sizeof(sockaddr_in);
  return 0;
}

// The index of an interface, given by name or number (RFC 4007, section 11.2); 0 if there is none.
uint32_t ParseZone(const char* text) {
  const unsigned index = if_nametoindex(text);
  if (index != 0 || text[std::strspn(text, "0123456789")] != '\0') return index;
  const uint64_t number = std::strtoull(text, nullptr, 10);
  char name[IF_NAMESIZE];
  const bool exists = number <= UINT32_MAX && if_indextoname(static_cast<unsigned>(number), name);
  return exists ? static_cast<uint32_t>(number) : 0;
}

int ParseIPv6(const char* text, int port, Address* address) {
  auto* in = reinterpret_cast<sockaddr_in6*>(&address->storage);
  char host[INET6_ADDRSTRLEN] = "";
  const size_t length = std::strcspn(text, "%");
  if (length >= sizeof host) return -EINVAL;
  std::memcpy(host, text, length);
  if (inet_pton(AF_INET6, host, &in->sin6_addr) != 1) return -EINVAL;
  if (text[length] == '%') {
    in->sin6_scope_id = ParseZone(text + length + 1);
    if (in->sin6_scope_id == 0) return -EINVAL;
  }
  in->sin6_family = AF_INET6;
  in->sin6_port = htons(static_cast<uint16_t>(port));
  address->length = sizeof(sockaddr_in6);
  return 0;
}

// "%eth0", or the number if the interface no longer exists.
void WriteZone(uint32_t scope, char* into, size_t room) {
  char name[IF_NAMESIZE] = "";
  if (if_indextoname(scope, name) != nullptr) {
    std::snprintf(into, room, "%%%s", name);
  } else {
    std::snprintf(into, room, "%%%u", scope);
  }
}

}  // namespace

Address Address::From(const uint8_t* bytes, size_t length) {
  Address address;
  address.length = static_cast<socklen_t>(std::min(length, sizeof address.storage));
  std::memcpy(&address.storage, bytes, address.length);
  return address;
}

int ParseInternetAddress(const std::string& text, int port, Address* address) {
  // What follows a NUL would be ignored.
  if (std::strlen(text.c_str()) < text.size()) return -EINVAL;
  return std::strchr(text.c_str(), ':') == nullptr ? ParseIPv4(text.c_str(), port, address)
                                                   : ParseIPv6(text.c_str(), port, address);
}

void WriteHost(const Address& address, char (&host)[kHostLength]) {
  host[0] = '\0';
  if (address.storage.ss_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(&address.storage);
    inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
  } else if (address.storage.ss_family == AF_INET6) {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
    const size_t length = std::strlen(host);
    if (in->sin6_scope_id != 0) WriteZone(in->sin6_scope_id, host + length, sizeof host - length);
  }
}

}  // namespace iomux
