#include "native/sys/timer.h"

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/functions.h"

namespace iomux {
namespace {

// (fd, absolute, two BigInt64: nanoseconds until the first expiration, and between expirations): 0
napi_value Set(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const int64_t* times = arguments.Array<int64_t>(2).data;
  return arguments.Number(TimerSet(arguments.Int(0), arguments.Bool(1), times[0], times[1]));
}

}  // namespace

void DefineTimer(Napi::Object exports) {
  DefineFunctions(exports, {{"timerCreate", CallAndOwn<TimerCreate>}, {"timerSet", Set}});
}

}  // namespace iomux
