#include "native/sys/waker.h"

#include "native/binding/call.h"
#include "native/binding/functions.h"
#include "native/sys/shared_wakers.h"

namespace iomux {

void DefineWaker(Napi::Object exports) {
  DefineFunctions(exports, {{"openWaker", CallAndOwnEnds<OpenWaker>},
                            {"signalWaker", Call<SignalWaker>},
                            {"drainWaker", Call<DrainWaker>},
                            {"shareWaker", CallOfEnvironment<&Environment::ShareWaker>},
                            {"signalSharedWaker", Call<SignalSharedWaker>}});
}

}  // namespace iomux
