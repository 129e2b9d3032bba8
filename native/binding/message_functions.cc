#include "native/sys/message.h"

#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/credentials.h"
#include "native/sys/socket.h"

namespace iomux {
namespace {

// (fd, bytes, offset of the first to send, address, control entries, flags): count
napi_value Send(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(1);
  const size_t offset = std::min(arguments.Size(2), bytes.length);
  const auto to = arguments.Array<uint8_t>(3);
  const auto control = arguments.Array<uint8_t>(4);
  return arguments.Number(SendMessage(
      arguments.Int(0), {bytes.data + offset, bytes.length - offset},
      Address::From(to.data, to.length), {control.data, control.length}, arguments.Int(5)));
}

// The first `most` descriptors of the entries now belong to the environment. The others are closed
// and replaced by -1; returns whether there were any.
bool TakeDescriptors(Environment& environment, uint8_t* control, size_t length, int most) {
  int count = 0;
  ForEachDescriptor(control, length, [&](int fd) {
    if (++count <= most) return environment.Own(fd);
    ::close(fd);
    return -1;
  });
  return count > most;
}

// (fd, into, flags, address, control entries, most descriptors, results: three Int32): count. The
// results are the length of the address, the length of the entries, and the flags. As much of the
// address is written as there is room for.
napi_value ReceiveFrom(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto into = arguments.Array<uint8_t>(1);
  const auto name = arguments.Array<uint8_t>(3);
  const auto control = arguments.Array<uint8_t>(4);
  int32_t* results = arguments.Array<int32_t>(6).data;
  Arrival arrival;
  const int count = ReceiveMessage(arguments.Int(0), into.data, into.length, control.data,
                                   control.length, arguments.Int(2), &arrival);
  if (count < 0) return arguments.Number(count);
  std::memcpy(name.data, &arrival.from.storage, std::min<size_t>(arrival.from.length, name.length));
  const bool dropped =
      TakeDescriptors(Environment::Of(env), control.data, arrival.control_length, arguments.Int(5));
  results[0] = static_cast<int32_t>(arrival.from.length);
  results[1] = static_cast<int32_t>(arrival.control_length);
  results[2] = arrival.flags | (dropped ? MSG_CTRUNC : 0);
  return arguments.Number(count);
}

// (index): the name of the interface, empty if there is none
napi_value NameOf(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  char name[IF_NAMESIZE] = "";
  const char* found = if_indextoname(arguments.Unsigned(0), name);
  return Napi::String::New(env, found == nullptr ? "" : found);
}

}  // namespace

void DefineMessage(Napi::Object exports) {
  DefineFunctions(exports, {{"socketPair", CallAndOwnEnds<SocketPair>},
                            {"sendMessage", Send},
                            {"receiveMessage", ReceiveFrom},
                            {"disown", CallOfEnvironment<&Environment::Disown>},
                            {"peerCredentials", Call<PeerCredentials>},
                            {"interfaceName", NameOf}});
  DefineNumbers(exports, {{"MOST_CONTROL", kMostControl}, {"ETOOMANYREFS", ETOOMANYREFS}});
}

}  // namespace iomux
