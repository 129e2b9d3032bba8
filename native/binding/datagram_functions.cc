#include "native/sys/datagram.h"

#include <algorithm>
#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/functions.h"

namespace iomux {
namespace {

// (fd, into, size of a slot, records, count, control, pool, where it is free): how many
napi_value Receive(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto into = arguments.Array<uint8_t>(1);
  const auto records = arguments.Array<uint8_t>(3);
  // The length of a buffer that was transferred meanwhile is 0.
  const size_t size = std::min<size_t>(arguments.Unsigned(2), into.length);
  const size_t slots = size == 0 ? 1 : into.length / size;
  const auto room = static_cast<int>(
      std::min<size_t>({slots, records.length / sizeof(ReceivedDatagram), kMostMessages}));
  const auto pool = arguments.Array<uint8_t>(6);
  const size_t used = std::min<size_t>(arguments.Unsigned(7), pool.length);
  return arguments.Number(ReceiveDatagrams(
      arguments.Int(0), into.data, size, reinterpret_cast<ReceivedDatagram*>(records.data),
      std::min(arguments.Int(4), room), arguments.Bool(5), pool.data + used, pool.length - used));
}

// (fd, into, record, control): 1
napi_value ReceiveOne(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto into = arguments.Array<uint8_t>(1);
  auto* record = reinterpret_cast<ReceivedDatagram*>(arguments.Array<uint8_t>(2).data);
  return arguments.Number(ReceiveDatagrams(arguments.Int(0), into.data, into.length, record, 1,
                                           arguments.Bool(3), into.data, into.length));
}

// (fd, bytes, addresses, records, first, count, family, segment): how many
napi_value Send(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto* records = reinterpret_cast<const OutgoingDatagram*>(arguments.Array<uint8_t>(3).data);
  return arguments.Number(SendDatagrams(
      arguments.Int(0), arguments.Array<uint8_t>(1).data, arguments.Array<uint8_t>(2).data,
      records + arguments.Int(4), arguments.Int(5), arguments.Int(6), arguments.Bool(7)));
}

}  // namespace

void DefineDatagram(Napi::Object exports) {
  DefineFunctions(exports, {{"receiveDatagrams", Receive},
                            {"receiveDatagram", ReceiveOne},
                            {"sendDatagrams", Send},
                            {"sendDatagram", Call<SendTo>},
                            {"enableDetails", Call<EnableDetails>},
                            {"checkSegments", Call<CheckSegments>},
                            {"enableTrains", Call<EnableTrains>},
                            {"setMembership", Call<SetMembership>},
                            {"setMulticastInterface", Call<SetMulticastInterface>},
                            {"interfaceIndex", Call<InterfaceIndex>}});
  DefineNumbers(exports, {{"HAS_BATCHES", kHasBatches ? 1.0 : 0.0}});
}

}  // namespace iomux
