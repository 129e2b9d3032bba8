#include "native/sys/pidfd.h"

#include "native/binding/call.h"
#include "native/binding/functions.h"

namespace iomux {

void DefinePidfd(Napi::Object exports) {
  DefineFunctions(
      exports, {{"pidfdOpen", CallAndOwn<PidfdOpen>}, {"pidfdExitStatus", Call<PidfdExitStatus>}});
  DefineNumbers(exports, {{"P_PIDFD", kPidfd}});
}

}  // namespace iomux
