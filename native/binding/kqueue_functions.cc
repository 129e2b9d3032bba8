#include "native/binding/functions.h"

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/kqueue/kqueue.h"

namespace iomux {
namespace {

// (): descriptor
napi_value Create(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(Environment::Of(env).Own(KqueueCreate()));
}

// (fd): 0
napi_value Check(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(KqueueCheck(arguments.Int(0)));
}

// (kqueue, changes of six numbers each, how many): how many failed
napi_value Control(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  auto* changes = reinterpret_cast<FilterChange*>(arguments.Array<int32_t>(1).data);
  return arguments.Number(KqueueControl(arguments.Int(0), changes, arguments.Int(2)));
}

// (kqueue, triples, offset of the first, most events, milliseconds): count
napi_value Wait(napi_env env, napi_callback_info info) {
  const Arguments<5> arguments(env, info);
  const auto triples = arguments.Array<int32_t>(1);
  auto* events = reinterpret_cast<Event*>(triples.data + arguments.Unsigned(2));
  return arguments.Number(
      KqueueWait(arguments.Int(0), events, arguments.Int(3), arguments.Double(4)));
}

// (kqueue, changes of six doubles each, how many, events, most events, milliseconds): count
napi_value Kevent(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  const auto* changes = reinterpret_cast<const WideEvent*>(arguments.Array<double>(1).data);
  auto* events = reinterpret_cast<WideEvent*>(arguments.Array<double>(3).data);
  return arguments.Number(KqueueKevent(arguments.Int(0), changes, arguments.Int(2), events,
                                       arguments.Int(4), arguments.Double(5)));
}

}  // namespace

void DefineMultiplexer(Napi::Object exports) {
  exports.Set("backend", "kqueue");
  Define(exports, {NamedFunction{"kqueueCreate", Create}, NamedFunction{"kqueueCheck", Check},
                   NamedFunction{"kqueueControl", Control}, NamedFunction{"kqueueWait", Wait},
                   NamedFunction{"kqueueKevent", Kevent}});
}

}  // namespace iomux
