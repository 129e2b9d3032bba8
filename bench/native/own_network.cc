// own_network: moves this thread, and what it starts, to a network namespace with nothing but
// loopback.

#include <net/if.h>
#include <node_api.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "support/napi.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

// In a new namespace it is down. Returns 0, or -1 with errno.
int BringUpLoopback() {
  const UniqueFd any(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  return ioctl(any.get(), SIOCSIFFLAGS, &request);
}

// enter(): boolean. False if the user is not allowed to, and nothing has changed.
napi_value Enter(napi_env env, napi_callback_info) {
  // Each thread has a network namespace; a process inherits that of the thread that starts it.
  const bool entered = unshare(CLONE_NEWNET) == 0;
  if (entered && BringUpLoopback() < 0) {
    Check(napi_throw_error(env, nullptr, std::strerror(errno)), "napi_throw_error");
    return nullptr;
  }
  napi_value result;
  Check(napi_get_boolean(env, entered, &result), "napi_get_boolean");
  return result;
}

napi_value Initialise(napi_env env, napi_value exports) {
  return Export(env, exports, {{"enter", Enter}});
}

}  // namespace
}  // namespace bench

NAPI_MODULE(NODE_GYP_MODULE_NAME, bench::Initialise)
