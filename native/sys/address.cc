#include "native/sys/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace iomux {
namespace {

int ParseIPv4(const std::string& text, int port, Address* address) {
  auto* in = reinterpret_cast<sockaddr_in*>(&address->storage);
  if (inet_pton(AF_INET, text.c_str(), &in->sin_addr) != 1) return -EINVAL;
  in->sin_family = AF_INET;
  in->sin_port = htons(static_cast<uint16_t>(port));
  address->length = sizeof(sockaddr_in);
  return 0;
}

int ParseIPv6(const std::string& text, int port, Address* address) {
  auto* in = reinterpret_cast<sockaddr_in6*>(&address->storage);
  const size_t percent = text.find('%');
  if (inet_pton(AF_INET6, text.substr(0, percent).c_str(), &in->sin6_addr) != 1) return -EINVAL;
  if (percent != std::string::npos) {
    in->sin6_scope_id = if_nametoindex(text.c_str() + percent + 1);
    if (in->sin6_scope_id == 0) return -EINVAL;
  }
  in->sin6_family = AF_INET6;
  in->sin6_port = htons(static_cast<uint16_t>(port));
  address->length = sizeof(sockaddr_in6);
  return 0;
}

// "%eth0"; the number where the interface has gone.
std::string ZoneOf(uint32_t scope) {
  char name[IF_NAMESIZE] = "";
  if (scope == 0) return "";
  return if_indextoname(scope, name) == nullptr ? "%" + std::to_string(scope)
                                                : "%" + std::string(name);
}

}  // namespace

Address Address::From(const uint8_t* bytes, size_t length) {
  Address address;
  address.length = static_cast<socklen_t>(std::min(length, sizeof address.storage));
  std::memcpy(&address.storage, bytes, address.length);
  return address;
}

int ParseInternetAddress(const std::string& text, int port, Address* address) {
  return text.find(':') == std::string::npos ? ParseIPv4(text, port, address)
                                             : ParseIPv6(text, port, address);
}

std::string HostOf(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(&address.storage);
    return inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
  }
  if (address.storage.ss_family == AF_INET6) {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    return inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof text) + ZoneOf(in->sin6_scope_id);
  }
  return "";
}

}  // namespace iomux
