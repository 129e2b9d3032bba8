// entries: how often C++ has called into JavaScript on this thread, as V8 itself counts it.

#include <node_api.h>

#include "../../test/support/entries.h"
#include "support/napi.h"

namespace bench {
namespace {

// watch(): boolean. Starts counting, once; false if this engine has no counter.
napi_value Watch(napi_env env, napi_callback_info) {
  napi_value result;
  Check(napi_get_boolean(env, entries::Watch(), &result), "napi_get_boolean");
  return result;
}

// count(): number
napi_value Count(napi_env env, napi_callback_info) {
  napi_value result;
  Check(napi_create_double(env, static_cast<double>(entries::count), &result),
        "napi_create_double");
  return result;
}

napi_value Initialise(napi_env env, napi_value exports) {
  return Export(env, exports, {{"watch", Watch}, {"count", Count}});
}

}  // namespace
}  // namespace bench

NAPI_MODULE(NODE_GYP_MODULE_NAME, bench::Initialise)
