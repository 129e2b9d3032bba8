#include "native/sys/io.h"

#include <sys/stat.h>

#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/waker.h"

namespace iomux {
namespace {

// (fd): 0. The descriptor must be one of ours.
napi_value Close(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(Environment::Of(env).Close(arguments.Int(0)));
}

// (fd): 0. From now on the descriptor is ours: close-on-exec, and closed with the environment.
napi_value Adopt(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  const int result = SetCloseOnExec(arguments.Int(0));
  if (result == 0) Environment::Of(env).Own(arguments.Int(0));
  return arguments.Number(result);
}

// (fd): the S_IFMT bits of its mode
napi_value Type(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(FileType(arguments.Int(0)));
}

// (ends: two Int32): 0. Fills in the end to wait on and the end to signal, which may be the same.
napi_value Waker(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  int32_t* ends = arguments.Array<int32_t>(0).data;
  const int result = OpenWaker(ends);
  if (result == 0) {
    for (const int end : {ends[0], ends[1]}) Environment::Of(env).Own(end);
  }
  return arguments.Number(result);
}

// (the end to signal): 0
napi_value Wake(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(SignalWaker(arguments.Int(0)));
}

// (the end to wait on): 0
napi_value Drain(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(DrainWaker(arguments.Int(0)));
}

}  // namespace

void DefineIo(Napi::Object exports) {
  Define(exports, {NamedFunction{"close", Close}, NamedFunction{"adopt", Adopt},
                   NamedFunction{"fileType", Type}, NamedFunction{"openWaker", Waker},
                   NamedFunction{"signalWaker", Wake}, NamedFunction{"drainWaker", Drain}});
  Define(exports, {NamedNumber{"S_IFREG", S_IFREG}, NamedNumber{"S_IFDIR", S_IFDIR},
                   NamedNumber{"S_IFIFO", S_IFIFO}});
}

}  // namespace iomux
