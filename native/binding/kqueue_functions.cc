#include "native/binding/functions.h"

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/kqueue/kqueue.h"

namespace iomux {
namespace {

// (kqueue, triples, offset of the first, most events, milliseconds): count
napi_value Wait(napi_env env, napi_callback_info info) {
  const Arguments<5> arguments(env, info);
  const auto triples = arguments.Array<int32_t>(1);
  auto* events = reinterpret_cast<Event*>(triples.data + arguments.Unsigned(2));
  return arguments.Number(
      KqueueWait(arguments.Int(0), events, arguments.Int(3), arguments.Double(4)));
}

}  // namespace

void DefineMultiplexer(Napi::Object exports) {
  exports.Set("backend", "kqueue");
  DefineFunctions(exports, {{"kqueueCreate", CallAndOwn<KqueueCreate>},
                            {"kqueueCheck", Call<KqueueCheck>},
                            {"kqueueControl", Call<KqueueControl>},
                            {"kqueueWait", Wait},
                            {"kqueueKevent", Call<KqueueKevent>}});
}

}  // namespace iomux
