// echo_uv: the same echo server in C on libuv, on a loop of its own: what libuv costs without
// JavaScript. It is an addon so that the libuv is the one that Node has inside.
//
// Written in the best form that libuv allows: one buffer for all connections, and uv_try_write,
// which takes no request and no callback as long as the kernel takes the bytes.

#include <node_api.h>
#include <uv.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "support/address.h"
#include "support/control.h"
#include "support/must.h"
#include "support/napi.h"

namespace bench {
namespace {

// One for all connections: it is empty whenever the loop turns to the next.
std::array<char, 64 * 1024> shared_buffer;

int MustUv(int result, const char* call) {
  if (result < 0) Fail(call, uv_strerror(result));
  return result;
}

// A TCP or a Unix stream socket, either of which is a uv_stream_t.
union StreamHandle {
  uv_handle_t handle;
  uv_stream_t stream;
  uv_tcp_t tcp;
  uv_pipe_t pipe;

  void Initialise(uv_loop_t* loop, bool is_internet) {
    if (is_internet) {
      MustUv(uv_tcp_init(loop, &tcp), "uv_tcp_init");
    } else {
      MustUv(uv_pipe_init(loop, &pipe, 0), "uv_pipe_init");
    }
  }
};

// Deletes itself when libuv has closed its handle.
class Connection {
 public:
  static void Accept(uv_stream_t* listener, bool is_internet) {
    auto* const connection = new Connection(listener->loop, is_internet);
    uv_stream_t* const stream = &connection->handle_.stream;
    MustUv(uv_accept(listener, stream), "uv_accept");
    connection->StartReading();
  }

 private:
  Connection(uv_loop_t* loop, bool is_internet) {
    handle_.Initialise(loop, is_internet);
    handle_.handle.data = this;
  }

  static Connection* Of(void* handle) {
    return static_cast<Connection*>(static_cast<uv_handle_t*>(handle)->data);
  }

  void StartReading() {
    const auto allocate = [](uv_handle_t*, size_t, uv_buf_t* buffer) {
      *buffer = uv_buf_init(shared_buffer.data(), shared_buffer.size());
    };
    const auto on_read = [](uv_stream_t* stream, ssize_t length, const uv_buf_t*) {
      Of(stream)->OnRead(length);
    };
    MustUv(uv_read_start(&handle_.stream, allocate, on_read), "uv_read_start");
  }

  void OnRead(ssize_t length) {
    if (length < 0) return Close();
    if (length == 0) return;
    const auto received = static_cast<size_t>(length);
    uv_buf_t bytes = uv_buf_init(shared_buffer.data(), static_cast<unsigned>(received));
    const int sent = uv_try_write(&handle_.stream, &bytes, 1);
    if (sent < 0 && sent != UV_EAGAIN) return Close();
    const size_t taken = sent > 0 ? static_cast<size_t>(sent) : 0;
    if (taken < received) WriteRest(taken, received);
  }

  // Does not read until the rest is gone.
  void WriteRest(size_t begin, size_t end) {
    MustUv(uv_read_stop(&handle_.stream), "uv_read_stop");
    unsent_.assign(shared_buffer.data() + begin, shared_buffer.data() + end);
    uv_buf_t bytes = uv_buf_init(unsent_.data(), static_cast<unsigned>(unsent_.size()));
    const auto on_written = [](uv_write_t* request, int status) {
      Connection* const connection = Of(request->handle);
      if (status == 0) return connection->StartReading();
      if (status != UV_ECANCELED) connection->Close();
    };
    MustUv(uv_write(&request_, &handle_.stream, &bytes, 1, on_written), "uv_write");
  }

  void Close() {
    uv_close(&handle_.handle, [](uv_handle_t* handle) { delete Of(handle); });
  }

  StreamHandle handle_;
  uv_write_t request_;
  std::vector<char> unsent_;
};

class Server {
 public:
  explicit Server(const Address& address) : is_internet_(address.is_internet()) {
    MustUv(uv_loop_init(&loop_), "uv_loop_init");
    listener_.Initialise(&loop_, is_internet_);
    listener_.handle.data = this;
    if (is_internet_) {
      MustUv(uv_tcp_bind(&listener_.tcp, address.get(), 0), "uv_tcp_bind");
      // What it accepts inherits it.
      MustUv(uv_tcp_nodelay(&listener_.tcp, 1), "uv_tcp_nodelay");
    } else {
      MustUv(uv_pipe_bind(&listener_.pipe, address.text().c_str()), "uv_pipe_bind");
    }
    const auto on_connection = [](uv_stream_t* listener, int status) {
      MustUv(status, "uv_listen");
      Connection::Accept(listener, static_cast<Server*>(listener->data)->is_internet_);
    };
    MustUv(uv_listen(&listener_.stream, SOMAXCONN, on_connection), "uv_listen");

    MustUv(uv_poll_init(&loop_, &input_, Control::kFd), "uv_poll_init");
    input_.data = this;
    const auto on_input = [](uv_poll_t* input, int status, int) {
      MustUv(status, "uv_poll");
      static_cast<Server*>(input->data)->OnInput();
    };
    MustUv(uv_poll_start(&input_, UV_READABLE, on_input), "uv_poll_start");
    int fd;
    MustUv(uv_fileno(&listener_.handle, &fd), "uv_fileno");
    Control::Announce(Address::Of(fd).text());
  }

  // Until the standard input has ended.
  void Run() { static_cast<void>(uv_run(&loop_, UV_RUN_DEFAULT)); }

 private:
  void OnInput() {
    control_.OnReadable({});
    if (control_.ended()) uv_stop(&loop_);
  }

  const bool is_internet_;
  uv_loop_t loop_;
  StreamHandle listener_;
  uv_poll_t input_;
  Control control_;
};

// run(address: string): void. Blocks the thread; to be followed by the end of the process.
napi_value Run(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  char address[256];
  Check(napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr), "napi_get_cb_info");
  Check(napi_get_value_string_utf8(env, argument, address, sizeof address, nullptr),
        "napi_get_value_string_utf8");
  RaiseDescriptorLimit();
  Server(Address::Parse(address)).Run();
  return nullptr;
}

napi_value Initialise(napi_env env, napi_value exports) {
  return Export(env, exports, {{"run", Run}});
}

}  // namespace
}  // namespace bench

NAPI_MODULE(NODE_GYP_MODULE_NAME, bench::Initialise)
