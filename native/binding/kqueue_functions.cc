#include "native/binding/functions.h"

#include "native/binding/call.h"
#include "native/kqueue/kqueue.h"

namespace iomux {

void DefineMultiplexer(Napi::Object exports) {
  exports.Set("backend", "kqueue");
  DefineFunctions(exports, {{"kqueueCreate", CallAndOwn<KqueueCreate>},
                            {"kqueueCheck", Call<KqueueCheck>},
                            {"kqueueControl", Call<KqueueControl>},
                            {"kqueueWait", CallWithEvents<KqueueWait>},
                            {"kqueueKevent", Call<KqueueKevent>}});
}

}  // namespace iomux
