// Node-API in the addons of this folder.

#ifndef BENCH_NATIVE_SUPPORT_NAPI_H_
#define BENCH_NATIVE_SUPPORT_NAPI_H_

#include <node_api.h>

namespace bench {

// Ends the process: a Node-API call that fails is a mistake in the addon.
inline void Check(napi_status status, const char* call) {
  if (status != napi_ok) napi_fatal_error(call, NAPI_AUTO_LENGTH, "failed", NAPI_AUTO_LENGTH);
}

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_NAPI_H_
