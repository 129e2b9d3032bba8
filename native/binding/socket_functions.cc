#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/socket.h"

namespace iomux {
namespace {

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
  const size_t end = std::min<size_t>(arguments.Unsigned(3), bytes.length);
  const size_t offset = std::min<size_t>(arguments.Unsigned(2), end);
  return arguments.Number(Send(arguments.Int(0), bytes.data + offset, end - offset));
}

// (fd, address, port): 0
template <int (*kCall)(int, const Address&)>
napi_value WithAddress(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  Address address;
  const int result = ParseInternetAddress(arguments.String(1), arguments.Int(2), &address);
  return arguments.Number(result < 0 ? result : kCall(arguments.Int(0), address));
}

// (fd, number): 0
template <int (*kCall)(int, int)>
napi_value WithNumber(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  return arguments.Number(kCall(arguments.Int(0), arguments.Int(1)));
}

// (fd, level, name, value): 0
napi_value SetOptionTo(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  return arguments.Number(
      SetOption(arguments.Int(0), arguments.Int(1), arguments.Int(2), arguments.Int(3)));
}

// (fd): 0, or the error that was pending
napi_value PendingError(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(SocketError(arguments.Int(0)));
}

// (fd): { address, port, family }, family 0 for one that is not IPv4 or IPv6; or a negated errno
template <int (*kCall)(int, Address*)>
napi_value NameFrom(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  Address address;
  const int result = kCall(arguments.Int(0), &address);
  if (result < 0) return arguments.Number(result);
  const InternetName name = NameOf(address);
  Napi::Object object = Napi::Object::New(env);
  object.Set("address", name.address);
  object.Set("port", name.port);
  object.Set("family", name.family);
  return object;
}

}  // namespace

void DefineSocket(Napi::Object exports) {
  Define(
      exports,
      {NamedFunction{"socket", Open}, NamedFunction{"accept", AcceptNext},
       NamedFunction{"receive", ReceiveInto}, NamedFunction{"send", SendFrom},
       NamedFunction{"bind", WithAddress<Bind>}, NamedFunction{"connect", WithAddress<Connect>},
       NamedFunction{"listen", WithNumber<Listen>}, NamedFunction{"shutdown", WithNumber<Shutdown>},
       NamedFunction{"setOption", SetOptionTo}, NamedFunction{"socketError", PendingError},
       NamedFunction{"localAddress", NameFrom<LocalAddress>},
       NamedFunction{"remoteAddress", NameFrom<RemoteAddress>}});
  Define(exports,
         {NamedNumber{"AF_INET", AF_INET}, NamedNumber{"AF_INET6", AF_INET6},
          NamedNumber{"SOCK_STREAM", SOCK_STREAM}, NamedNumber{"IPPROTO_TCP", IPPROTO_TCP},
          NamedNumber{"IPPROTO_IPV6", IPPROTO_IPV6}, NamedNumber{"IPV6_V6ONLY", IPV6_V6ONLY},
          NamedNumber{"SOL_SOCKET", SOL_SOCKET}, NamedNumber{"SO_REUSEADDR", SO_REUSEADDR},
          NamedNumber{"SO_KEEPALIVE", SO_KEEPALIVE}, NamedNumber{"TCP_NODELAY", TCP_NODELAY},
          NamedNumber{"SHUT_WR", SHUT_WR}});
}

}  // namespace iomux
