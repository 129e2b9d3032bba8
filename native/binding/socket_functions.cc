#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/functions.h"
#include "native/sys/address.h"
#include "native/sys/socket.h"

namespace iomux {
namespace {

int Copy(const Address& address, uint8_t* into, size_t room) {
  std::memcpy(into, &address.storage, std::min<size_t>(address.length, room));
  return static_cast<int>(address.length);
}

// (fd, into): the length of the address; as much of it is written as there is room for
template <int (*kCall)(int, Address*)>
napi_value AddressFrom(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto into = arguments.Array<uint8_t>(1);
  Address address;
  const int result = kCall(arguments.Int(0), &address);
  return arguments.Number(result < 0 ? result : Copy(address, into.data, into.length));
}

// (host, port, into): the length of the address
napi_value ParseHost(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto into = arguments.Array<uint8_t>(2);
  Address address;
  const int result = ParseInternetAddress(arguments.String(0), arguments.Int(1), &address);
  return arguments.Number(result < 0 ? result : Copy(address, into.data, into.length));
}

// (address): the host as text
napi_value FormatHost(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(0);
  char host[kHostLength];
  WriteHost(Address::From(bytes.data, bytes.length), host);
  return Napi::String::New(env, host);
}

}  // namespace

void DefineSocket(Napi::Object exports) {
  DefineFunctions(exports, {{"socket", CallAndOwn<OpenSocket>},
                            {"accept", CallAndOwn<Accept>},
                            {"receive", Call<Receive>},
                            {"send", CallWithRange<Send>},
                            {"bind", Call<Bind>},
                            {"connect", Call<Connect>},
                            {"listen", Call<Listen>},
                            {"shutdown", Call<Shutdown>},
                            {"socketError", Call<SocketError>},
                            {"socketType", Call<SocketType>},
                            {"isListening", Call<IsListening>},
                            {"localAddress", AddressFrom<LocalAddress>},
                            {"remoteAddress", AddressFrom<RemoteAddress>},
                            {"parseHost", ParseHost},
                            {"formatHost", FormatHost},
                            {"setOption", Call<SetOption>},
                            {"setOptionBytes", Call<SetOptionBytes>},
                            {"getOption", Call<GetOption>}});
  DefineNumbers(exports, {{"FAMILY_OFFSET", kFamilyOffset},
                          {"HAS_LENGTH", kHasLength},
                          {"UNIX_PATH_LENGTH", sizeof(sockaddr_un::sun_path)},
                          {"SHARE_PORT", static_cast<double>(kSharePort)}});
}

}  // namespace iomux
