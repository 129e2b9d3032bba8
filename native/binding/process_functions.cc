#include "native/sys/child_status.h"

#include <sys/wait.h>

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"

namespace iomux {
namespace {

// (P_PID or P_PIDFD, pid or descriptor): wait status
napi_value Status(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  return arguments.Number(ChildStatus(arguments.Int(0), arguments.Int(1)));
}

}  // namespace

void DefineProcess(Napi::Object exports) {
  Define(exports, {NamedFunction{"childStatus", Status}});
  Define(exports, {NamedNumber{"P_PID", P_PID}});
}

}  // namespace iomux
