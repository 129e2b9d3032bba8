#ifndef IOMUX_NATIVE_BINDING_CALL_H_
#define IOMUX_NATIVE_BINDING_CALL_H_

#include <node_api.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/sys/multiplexer.h"

// Wrappers of functions of native/sys and the backends that take only what Arguments::PassTo can
// read: in JavaScript such a function has the same arguments and the same result. Functions that
// need more than that are written out in native/binding.
//
// They are static, because the binaries for macOS would export their names otherwise.
namespace iomux {

template <typename Result, typename... Parameters>
constexpr size_t CountParameters(Result (*)(Parameters...)) {
  return sizeof...(Parameters);
}

template <auto kFunction>
static napi_value Call(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  return arguments.Number(arguments.PassTo(kFunction));
}

// (fd, bytes, offset of the first, offset after the last): count
template <int (*kFunction)(int, const uint8_t*, size_t)>
static napi_value CallWithRange(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(1);
  // The length of a buffer that was transferred meanwhile is 0.
  const size_t end = std::min(arguments.Size(3), bytes.length);
  const size_t offset = std::min(arguments.Size(2), end);
  return arguments.Number(kFunction(arguments.Int(0), bytes.data + offset, end - offset));
}

// (multiplexer, triples, offset of the first, most events, milliseconds): count
template <int (*kFunction)(int, Event*, int, double)>
static napi_value CallWithEvents(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  auto* first = arguments.Array<int32_t>(1).data + arguments.Unsigned(2);
  return arguments.Number(kFunction(arguments.Int(0), reinterpret_cast<Event*>(first),
                                    arguments.Int(3), arguments.Double(4)));
}

// The result is a descriptor, which belongs to the environment.
template <auto kFunction>
static napi_value CallAndOwn(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  return arguments.Number(Environment::Of(env).Own(arguments.PassTo(kFunction)));
}

// The last argument is filled in with two descriptors, which may be the same, and which belong to
// the environment.
template <auto kFunction>
static napi_value CallAndOwnEnds(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const int result = arguments.PassTo(kFunction);
  const auto ends = arguments.Array<int>(CountParameters(kFunction) - 1);
  if (result == 0) {
    Environment::Of(env).Own(ends.data[0]);
    if (ends.data[1] != ends.data[0]) Environment::Of(env).Own(ends.data[1]);
  }
  return arguments.Number(result);
}

// A method of the environment, of one descriptor.
template <auto kMethod>
static napi_value CallOfEnvironment(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  return arguments.Number((Environment::Of(env).*kMethod)(arguments.Int(0)));
}

}  // namespace iomux

#endif  // IOMUX_NATIVE_BINDING_CALL_H_
