#include "native/sys/pidfd.h"

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"

namespace iomux {
namespace {

// (pid): descriptor
napi_value Open(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(Environment::Of(env).Own(PidfdOpen(arguments.Int(0))));
}

// (fd): wait status
napi_value ExitStatus(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(PidfdExitStatus(arguments.Int(0)));
}

}  // namespace

void DefinePidfd(Napi::Object exports) {
  Define(exports, {NamedFunction{"pidfdOpen", Open}, NamedFunction{"pidfdExitStatus", ExitStatus}});
  Define(exports, {NamedNumber{"P_PIDFD", kPidfd}});
}

}  // namespace iomux
