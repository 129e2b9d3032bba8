#include "native/binding/functions.h"

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/environment.h"
#include "native/epoll/epoll.h"

namespace iomux {
namespace {

// (epoll, the instance around it or -1): 0
napi_value Renew(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const int epoll = arguments.Int(0);
  return arguments.Number(
      EpollRenew(epoll, Environment::Of(env).DuplicatesOf(epoll), arguments.Int(1)));
}

}  // namespace

void DefineMultiplexer(Napi::Object exports) {
  exports.Set("backend", "epoll");
  DefineFunctions(exports, {{"epollCreate", CallAndOwn<EpollCreate>},
                            {"epollRenew", Renew},
                            {"epollControl", Call<EpollControl>},
                            {"epollWait", CallWithEvents<EpollWait>},
                            {"checkEpollPwait2", Call<CheckEpollPwait2>}});
  DefineTimer(exports);
  DefinePidfd(exports);
}

}  // namespace iomux
