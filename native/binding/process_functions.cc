#include "native/sys/child_status.h"

#include <sys/wait.h>

#include "native/binding/call.h"
#include "native/binding/functions.h"

namespace iomux {

void DefineProcess(Napi::Object exports) {
  DefineFunctions(exports, {{"childStatus", Call<ChildStatus>}});
  DefineNumbers(exports, {{"P_PID", P_PID}});
}

}  // namespace iomux
