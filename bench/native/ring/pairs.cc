// pairs: pairs of connected sockets and one byte to send through them, for the measured programs of
// the ring. Reading and writing are the same few instructions for all of them, so that what differs
// is how they wait.

#include <node_api.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "support/napi.h"

namespace bench {
namespace {

napi_value Number(napi_env env, int64_t number) {
  napi_value value;
  Check(napi_create_int64(env, number, &value), "napi_create_int64");
  return value;
}

napi_value ThrowErrno(napi_env env, const char* call) {
  static_cast<void>(napi_throw_error(env, std::strerror(errno), call));
  return nullptr;
}

int DescriptorOf(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  int32_t fd;
  Check(napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr), "napi_get_cb_info");
  Check(napi_get_value_int32(env, argument, &fd), "napi_get_value_int32");
  return fd;
}

// open(): [reading: number, writing: number]
napi_value Open(napi_env env, napi_callback_info) {
  std::array<int, 2> fds;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) < 0) {
    return ThrowErrno(env, "socketpair");
  }
  napi_value pair;
  Check(napi_create_array_with_length(env, fds.size(), &pair), "napi_create_array");
  for (uint32_t i = 0; i < fds.size(); ++i) {
    Check(napi_set_element(env, pair, i, Number(env, fds[i])), "napi_set_element");
  }
  return pair;
}

// take(fd: number): boolean. Whether there was a byte.
napi_value Take(napi_env env, napi_callback_info info) {
  char byte;
  const ssize_t length = recv(DescriptorOf(env, info), &byte, sizeof byte, 0);
  if (length < 0 && errno != EAGAIN) return ThrowErrno(env, "recv");
  napi_value result;
  Check(napi_get_boolean(env, length == 1, &result), "napi_get_boolean");
  return result;
}

// put(fd: number): void. The buffers are never full: nobody puts more than is taken.
napi_value Put(napi_env env, napi_callback_info info) {
  if (send(DescriptorOf(env, info), "e", 1, MSG_NOSIGNAL) != 1) return ThrowErrno(env, "send");
  return nullptr;
}

napi_value Initialise(napi_env env, napi_value exports) {
  return Export(env, exports, {{"open", Open}, {"take", Take}, {"put", Put}});
}

}  // namespace
}  // namespace bench

NAPI_MODULE(NODE_GYP_MODULE_NAME, bench::Initialise)
