#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/address.h"
#include "native/sys/socket.h"

namespace iomux {
namespace {

int Copy(const Address& address, uint8_t* into, size_t room) {
  std::memcpy(into, &address.storage, std::min<size_t>(address.length, room));
  return static_cast<int>(address.length);
}

// (domain, type, protocol): descriptor
napi_value Open(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  return arguments.Number(
      Environment::Of(env).Own(OpenSocket(arguments.Int(0), arguments.Int(1), arguments.Int(2))));
}

// (fd): descriptor
napi_value AcceptNext(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(Environment::Of(env).Own(Accept(arguments.Int(0))));
}

// (fd, bytes): count
napi_value ReceiveInto(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(1);
  return arguments.Number(Receive(arguments.Int(0), bytes.data, bytes.length));
}

// (fd, bytes, offset of the first to send, offset after the last): count
napi_value SendFrom(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(1);
  // A transferred buffer has no bytes any more, whatever its length was.
  const size_t end = std::min(arguments.Size(3), bytes.length);
  const size_t offset = std::min(arguments.Size(2), end);
  return arguments.Number(Send(arguments.Int(0), bytes.data + offset, end - offset));
}

// (fd, address): 0
template <int (*kCall)(int, const Address&)>
napi_value WithAddress(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(1);
  return arguments.Number(kCall(arguments.Int(0), Address::From(bytes.data, bytes.length)));
}

// (fd, number): 0
template <int (*kCall)(int, int)>
napi_value WithNumber(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  return arguments.Number(kCall(arguments.Int(0), arguments.Int(1)));
}

// (fd): 0, or the error that was pending
napi_value PendingError(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(SocketError(arguments.Int(0)));
}

// (fd): SOCK_STREAM and so on
napi_value TypeOf(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(SocketType(arguments.Int(0)));
}

// (fd): 1 for a socket that listens, else 0
napi_value Listening(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(IsListening(arguments.Int(0)));
}

// (fd, into): the length of the address, of which as much is written as there is room for
template <int (*kCall)(int, Address*)>
napi_value AddressFrom(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const auto into = arguments.Array<uint8_t>(1);
  Address address;
  const int result = kCall(arguments.Int(0), &address);
  return arguments.Number(result < 0 ? result : Copy(address, into.data, into.length));
}

// (host, port, into): the length of the address
napi_value ParseHost(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  const auto into = arguments.Array<uint8_t>(2);
  Address address;
  const int result = ParseInternetAddress(arguments.String(0), arguments.Int(1), &address);
  return arguments.Number(result < 0 ? result : Copy(address, into.data, into.length));
}

// (address): the host in text
napi_value FormatHost(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(0);
  char host[kHostLength];
  WriteHost(Address::From(bytes.data, bytes.length), host);
  return Napi::String::New(env, host);
}

}  // namespace

void DefineSocket(Napi::Object exports) {
  Define(
      exports,
      {NamedFunction{"socket", Open}, NamedFunction{"accept", AcceptNext},
       NamedFunction{"receive", ReceiveInto}, NamedFunction{"send", SendFrom},
       NamedFunction{"bind", WithAddress<Bind>}, NamedFunction{"connect", WithAddress<Connect>},
       NamedFunction{"listen", WithNumber<Listen>}, NamedFunction{"shutdown", WithNumber<Shutdown>},
       NamedFunction{"socketError", PendingError}, NamedFunction{"socketType", TypeOf},
       NamedFunction{"isListening", Listening},
       NamedFunction{"localAddress", AddressFrom<LocalAddress>},
       NamedFunction{"remoteAddress", AddressFrom<RemoteAddress>},
       NamedFunction{"parseHost", ParseHost}, NamedFunction{"formatHost", FormatHost}});
  Define(exports,
         {NamedNumber{"AF_INET", AF_INET}, NamedNumber{"AF_INET6", AF_INET6},
          NamedNumber{"AF_UNIX", AF_UNIX}, NamedNumber{"FAMILY_OFFSET", kFamilyOffset},
          NamedNumber{"HAS_LENGTH", kHasLength},
          NamedNumber{"UNIX_PATH_LENGTH", sizeof(sockaddr_un::sun_path)},
          NamedNumber{"SOCK_STREAM", SOCK_STREAM}, NamedNumber{"SOCK_DGRAM", SOCK_DGRAM},
          NamedNumber{"IPPROTO_TCP", IPPROTO_TCP}, NamedNumber{"IPPROTO_IPV6", IPPROTO_IPV6},
          NamedNumber{"IPV6_V6ONLY", IPV6_V6ONLY}, NamedNumber{"SOL_SOCKET", SOL_SOCKET},
          NamedNumber{"SO_REUSEADDR", SO_REUSEADDR}, NamedNumber{"SO_KEEPALIVE", SO_KEEPALIVE},
          NamedNumber{"TCP_NODELAY", TCP_NODELAY},
          NamedNumber{"SHARE_PORT", static_cast<double>(kSharePort)},
          NamedNumber{"SHUT_WR", SHUT_WR}});
}

}  // namespace iomux
