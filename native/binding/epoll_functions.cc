#include "native/binding/functions.h"

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/environment.h"
#include "native/epoll/epoll.h"

namespace iomux {
namespace {

// (epoll, the instance around it or -1): 0
napi_value Renew(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const int epoll = arguments.Int(0);
  return arguments.Number(
      EpollRenew(epoll, Environment::Of(env).DuplicatesOf(epoll), arguments.Int(1)));
}

// (epoll, operation, fd, events, low and high half of the data): 0
napi_value Control(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  const uint64_t data = uint64_t{arguments.Unsigned(5)} << 32 | arguments.Unsigned(4);
  return arguments.Number(EpollControl(arguments.Int(0), arguments.Int(1), arguments.Int(2),
                                       arguments.Unsigned(3), data));
}

// (epoll, triples, offset of the first, most events, milliseconds): count
napi_value Wait(napi_env env, napi_callback_info info) {
  const Arguments<5> arguments(env, info);
  const auto triples = arguments.Array<int32_t>(1);
  auto* events = reinterpret_cast<Event*>(triples.data + arguments.Unsigned(2));
  return arguments.Number(
      EpollWait(arguments.Int(0), events, arguments.Int(3), arguments.Double(4)));
}

}  // namespace

void DefineMultiplexer(Napi::Object exports) {
  exports.Set("backend", "epoll");
  DefineFunctions(exports, {{"epollCreate", CallAndOwn<EpollCreate>},
                            {"epollRenew", Renew},
                            {"epollControl", Control},
                            {"epollWait", Wait},
                            {"checkEpollPwait2", Call<CheckEpollPwait2>}});
  DefineTimer(exports);
  DefinePidfd(exports);
}

}  // namespace iomux
