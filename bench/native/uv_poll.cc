// uv_poll: what an addon has without iomux: one uv_poll_t per descriptor and one entry into
// JavaScript per event. This is how npm's packages for GPIO, serial ports and CAN wait. It is
// written in the best form of that design: plain Node-API, no allocation per event, the callback's
// arguments are two integers.

#include <node_api.h>
#include <sys/eventfd.h>
#include <uv.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "support/napi.h"

namespace bench {
namespace {

void ThrowErrno(napi_env env, int negative_errno, const char* call) {
  static_cast<void>(napi_throw_error(env, uv_err_name(negative_errno), call));
}

class Poll {
 public:
  Poll(napi_env env, napi_value callback) : env_(env) {
    Check(napi_create_reference(env, callback, 1, &callback_), "napi_create_reference");
    napi_value name;
    Check(napi_create_string_utf8(env, "uv_poll", NAPI_AUTO_LENGTH, &name), "napi_create_string");
    Check(napi_async_init(env, nullptr, name, &context_), "napi_async_init");
  }
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;
  ~Poll() {
    Check(napi_async_destroy(env_, context_), "napi_async_destroy");
    Check(napi_delete_reference(env_, callback_), "napi_delete_reference");
  }

  // Watches `fd` from now on. Returns 0, or a negative errno, after which nothing is open.
  [[nodiscard]] static int Open(std::unique_ptr<Poll> owned, uv_loop_t* loop, int fd,
                                Poll** opened) {
    if (const int error = uv_poll_init(loop, &owned->handle_, fd)) return error;
    Poll* const poll = owned.release();
    poll->handle_.data = poll;
    const int error = uv_poll_start(&poll->handle_, UV_READABLE, OnEvent);
    if (error != 0) poll->Close();
    *opened = poll;
    return error;
  }

  // The handle belongs to libuv until its close callback.
  void Close() {
    uv_close(reinterpret_cast<uv_handle_t*>(&handle_), [](uv_handle_t* handle) {
      auto* const poll = static_cast<Poll*>(handle->data);
      const napi_env env = poll->env_;
      napi_handle_scope scope;
      Check(napi_open_handle_scope(env, &scope), "napi_open_handle_scope");
      delete poll;
      Check(napi_close_handle_scope(env, scope), "napi_close_handle_scope");
    });
  }

 private:
  static void OnEvent(uv_poll_t* handle, int status, int events) {
    static_cast<Poll*>(handle->data)->Call(status, events);
  }

  void Call(int status, int events) {
    napi_handle_scope scope;
    Check(napi_open_handle_scope(env_, &scope), "napi_open_handle_scope");
    napi_value callback;
    napi_value receiver;
    std::array<napi_value, 2> arguments;
    Check(napi_get_reference_value(env_, callback_, &callback), "napi_get_reference_value");
    Check(napi_get_global(env_, &receiver), "napi_get_global");
    Check(napi_create_int32(env_, status, &arguments[0]), "napi_create_int32");
    Check(napi_create_int32(env_, events, &arguments[1]), "napi_create_int32");
    const napi_status result = napi_make_callback(env_, context_, receiver, callback,
                                                  arguments.size(), arguments.data(), nullptr);
    if (result == napi_pending_exception) {
      ReportException();
    } else {
      Check(result, "napi_make_callback");
    }
    Check(napi_close_handle_scope(env_, scope), "napi_close_handle_scope");
  }

  void ReportException() {
    napi_value exception;
    Check(napi_get_and_clear_last_exception(env_, &exception), "napi_get_and_clear_last_exception");
    Check(napi_fatal_exception(env_, exception), "napi_fatal_exception");
  }

  napi_env env_;
  uv_poll_t handle_;
  napi_ref callback_;
  napi_async_context context_;
};

// open(fd: number, callback: (status: number, events: number) => void): External
napi_value OpenPoll(napi_env env, napi_callback_info info) {
  std::array<napi_value, 2> arguments;
  size_t count = arguments.size();
  int32_t fd;
  uv_loop_t* loop;
  Check(napi_get_cb_info(env, info, &count, arguments.data(), nullptr, nullptr),
        "napi_get_cb_info");
  Check(napi_get_value_int32(env, arguments[0], &fd), "napi_get_value_int32");
  Check(napi_get_uv_event_loop(env, &loop), "napi_get_uv_event_loop");

  Poll* poll;
  if (const int error = Poll::Open(std::make_unique<Poll>(env, arguments[1]), loop, fd, &poll)) {
    ThrowErrno(env, error, "uv_poll");
    return nullptr;
  }
  napi_value external;
  Check(napi_create_external(env, poll, nullptr, nullptr, &external), "napi_create_external");
  return external;
}

// close(poll: External): void, once
napi_value ClosePoll(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  void* poll;
  Check(napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr), "napi_get_cb_info");
  Check(napi_get_value_external(env, argument, &poll), "napi_get_value_external");
  static_cast<Poll*>(poll)->Close();
  return nullptr;
}

// readyDescriptor(): number. An eventfd that is readable until somebody reads it; fs.closeSync
// closes it.
napi_value ReadyDescriptor(napi_env env, napi_callback_info) {
  const int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) {
    ThrowErrno(env, -errno, "eventfd");
    return nullptr;
  }
  napi_value result;
  Check(napi_create_int32(env, fd, &result), "napi_create_int32");
  return result;
}

napi_value Initialise(napi_env env, napi_value exports) {
  return Export(env, exports,
                {{"open", OpenPoll}, {"close", ClosePoll}, {"readyDescriptor", ReadyDescriptor}});
}

}  // namespace
}  // namespace bench

NAPI_MODULE(NODE_GYP_MODULE_NAME, bench::Initialise)
