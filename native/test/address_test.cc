#include "native/sys/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "native/test/check.h"

using iomux::Address;
using iomux::ParseInternetAddress;

namespace {

#ifdef __linux__
const std::string kLoopback = "lo";
#else
const std::string kLoopback = "lo0";
#endif

std::string HostOf(const Address& address) {
  char host[iomux::kHostLength];
  iomux::WriteHost(address, host);
  return host;
}

Address Parse(const std::string& text, int port) {
  Address address;
  CHECK_EQ(ParseInternetAddress(text, port, &address), 0);
  return address;
}

// The port is at the same place in IPv4 and IPv6 addresses.
int PortOf(const Address& address) {
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
}

int FamilyOf(const Address& address) {
  return reinterpret_cast<const uint8_t*>(&address.storage)[iomux::kFamilyOffset];
}

}  // namespace

TEST(AddressesSurviveTheWayThereAndBack) {
  for (const char* text : {"127.0.0.1", "0.0.0.0", "255.255.255.255"}) {
    const Address address = Parse(text, 65535);
    CHECK_EQ(HostOf(address), text);
    CHECK_EQ(PortOf(address), 65535);
    CHECK_EQ(FamilyOf(address), AF_INET);
  }
  for (const char* text : {"::", "::1", "2001:db8::ff00:42:8329", "::ffff:192.0.2.1"}) {
    const Address address = Parse(text, 1);
    CHECK_EQ(HostOf(address), text);
    CHECK_EQ(PortOf(address), 1);
    CHECK_EQ(FamilyOf(address), AF_INET6);
  }
}

TEST(WhatIsNoAddressIsRefused) {
  for (const char* text : {"", "localhost", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.4%lo", ":::",
                           "1::2::3", "::1%", "::1%no-such-interface", "::1%0", "::1%4294967295",
                           "::1%99999999999999999999", "::1%1x", "::1%+1", "%", ":"}) {
    Address address;
    CHECK_EQ(ParseInternetAddress(text, 0, &address), -EINVAL);
  }
}

TEST(ANulByteDoesNotEndAnAddress) {
  const std::string rest(1, '\0');
  for (const auto& text : {"127.0.0.1" + rest, "127.0.0.1" + rest + ".example.org", "::1" + rest,
                           rest + "::1", "fe80::1%" + kLoopback + rest + "0"}) {
    Address address;
    CHECK_EQ(ParseInternetAddress(text, 0, &address), -EINVAL);
  }
}

TEST(AZoneBecomesItsInterfaceAndBack) {
  const Address address = Parse("fe80::1%" + kLoopback, 7);
  const auto* in = reinterpret_cast<const sockaddr_in6*>(address.get());
  CHECK(in->sin6_scope_id != 0);
  CHECK_EQ(HostOf(address), "fe80::1%" + kLoopback);
  const std::string number = std::to_string(in->sin6_scope_id);
  CHECK_EQ(HostOf(Parse("fe80::1%" + number, 7)), "fe80::1%" + kLoopback);
}

TEST(AnAddressOfAnotherFamilyHasNoHost) {
  Address address = Parse("127.0.0.1", 1);
  address.get()->sa_family = AF_UNIX;
  CHECK_EQ(HostOf(address), "");
}

TEST(WhatIsLongerThanAnyAddressIsCutOff) {
  const std::string bytes(200, '\1');
  const Address address =
      Address::From(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  CHECK_EQ(address.length, sizeof address.storage);
}
