#include "native/sys/waker.h"

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/shared_wakers.h"

namespace iomux {
namespace {

// (ends: two Int32): 0. Fills in the end to wait on and the end to signal, which may be the same.
napi_value Open(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  int32_t* ends = arguments.Array<int32_t>(0).data;
  const int result = OpenWaker(ends);
  if (result == 0) {
    for (const int end : {ends[0], ends[1]}) Environment::Of(env).Own(end);
  }
  return arguments.Number(result);
}

// (the end to signal): 0
napi_value Signal(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(SignalWaker(arguments.Int(0)));
}

// (the end to wait on): 1 if it was signalled, else 0
napi_value Drain(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(DrainWaker(arguments.Int(0)));
}

// (the end to signal, one of ours): serial
napi_value Share(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(Environment::Of(env).ShareWaker(arguments.Int(0)));
}

// (the end to signal, of any thread's, serial): 1, or 0 if that waker has been closed
napi_value SignalShared(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const auto serial = static_cast<int64_t>(arguments.Double(1));
  return arguments.Number(SignalSharedWaker(arguments.Int(0), serial));
}

}  // namespace

void DefineWaker(Napi::Object exports) {
  Define(exports, {NamedFunction{"openWaker", Open}, NamedFunction{"signalWaker", Signal},
                   NamedFunction{"drainWaker", Drain}, NamedFunction{"shareWaker", Share},
                   NamedFunction{"signalSharedWaker", SignalShared}});
}

}  // namespace iomux
