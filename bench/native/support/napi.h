// Node-API in the addons of this folder.

#ifndef BENCH_NATIVE_SUPPORT_NAPI_H_
#define BENCH_NATIVE_SUPPORT_NAPI_H_

#include <node_api.h>

#include <initializer_list>

namespace bench {

// Ends the process: a Node-API call that fails is a mistake in the addon.
inline void Check(napi_status status, const char* call) {
  if (status != napi_ok) napi_fatal_error(call, NAPI_AUTO_LENGTH, "failed", NAPI_AUTO_LENGTH);
}

struct Function {
  const char* name;
  napi_callback call;
};

// What the initialiser of an addon with these functions returns.
inline napi_value Export(napi_env env, napi_value exports,
                         std::initializer_list<Function> functions) {
  for (const auto& [name, call] : functions) {
    napi_value function;
    Check(napi_create_function(env, name, NAPI_AUTO_LENGTH, call, nullptr, &function),
          "napi_create_function");
    Check(napi_set_named_property(env, exports, name, function), "napi_set_named_property");
  }
  return exports;
}

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_NAPI_H_
