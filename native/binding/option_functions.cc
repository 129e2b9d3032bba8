#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/socket.h"

namespace iomux {
namespace {

// (fd, level, name, value): 0
napi_value SetNumber(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  return arguments.Number(
      SetOption(arguments.Int(0), arguments.Int(1), arguments.Int(2), arguments.Int(3)));
}

// (fd, level, name, bytes): 0
napi_value SetBytes(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  const auto value = arguments.Array<uint8_t>(3);
  return arguments.Number(
      SetOption(arguments.Int(0), arguments.Int(1), arguments.Int(2), value.data, value.length));
}

// (fd, level, name, into): the length of the value
napi_value GetBytes(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  const auto into = arguments.Array<uint8_t>(3);
  return arguments.Number(
      GetOption(arguments.Int(0), arguments.Int(1), arguments.Int(2), into.data, into.length));
}

}  // namespace

void DefineOptions(Napi::Object exports) {
  DefineFunctions(
      exports, {{"setOption", SetNumber}, {"setOptionBytes", SetBytes}, {"getOption", GetBytes}});
}

}  // namespace iomux
