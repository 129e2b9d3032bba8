#include <napi.h>
#include <uv.h>

#include <algorithm>
#include <vector>

#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/signal_listener.h"

// A listener for signals, and the users of libuv's handlers that it needs beside it; why it needs
// them is in native/sys/dispositions.h.
namespace iomux {
namespace {

class SignalWatch;

// Does nothing but be there. The libuv handle lives until libuv says that it is closed; a Worker's
// loop must not end before that: the cleanup hook holds it.
struct Kept {
  uv_signal_t handle;
  SignalWatch* watch;  // null once it is being closed
  napi_async_cleanup_hook_handle hook;
};

class SignalWatch : public Napi::ObjectWrap<SignalWatch>, public SignalKeeper {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(
        env, "SignalWatch",
        {InstanceMethod<&SignalWatch::Open>("open"), InstanceMethod<&SignalWatch::Take>("take"),
         InstanceMethod<&SignalWatch::Close>("close")});
  }

  explicit SignalWatch(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SignalWatch>(info) {}

  ~SignalWatch() override { listener_.Close(); }

  int Keep(int number) override {
    uv_loop_t* loop = nullptr;
    napi_get_uv_event_loop(Env(), &loop);
    auto* kept = new Kept();
    uv_signal_init(loop, &kept->handle);
    kept->handle.data = kept;
    kept->watch = this;
    uv_unref(reinterpret_cast<uv_handle_t*>(&kept->handle));
    napi_add_async_cleanup_hook(Env(), OnEnvironmentEnd, kept, &kept->hook);
    const auto nothing = [](uv_signal_t*, int) {};
    const int result = uv_signal_start(&kept->handle, nothing, number);
    if (result == 0) {
      kept_.push_back(kept);
    } else {
      EndKept(kept);
    }
    return result;
  }

  void LetGo(int number) override {
    const auto is_it = [=](const Kept* kept) { return kept->handle.signum == number; };
    const auto found = std::find_if(kept_.begin(), kept_.end(), is_it);
    if (found == kept_.end()) return;
    EndKept(*found);
    kept_.erase(found);
  }

 private:
  // (signal numbers, whether libuv is there): the descriptor, or a negated errno
  Napi::Value Open(const Napi::CallbackInfo& info) {
    const auto numbers = info[0].As<Napi::Int32Array>();
    SignalKeeper* keeper = info[1].As<Napi::Boolean>().Value() ? this : nullptr;
    const int result = listener_.Open(numbers.Data(), numbers.ElementLength(), keeper);
    return Napi::Number::New(info.Env(), result);
  }

  // (records): how many, or a negated errno
  Napi::Value Take(const Napi::CallbackInfo& info) {
    constexpr size_t kFields = sizeof(SignalRecord) / sizeof(int32_t);
    auto numbers = info[0].As<Napi::Int32Array>();
    auto* records = reinterpret_cast<SignalRecord*>(numbers.Data());
    const int capacity = static_cast<int>(numbers.ElementLength() / kFields);
    return Napi::Number::New(info.Env(), listener_.Take(records, capacity));
  }

  void Close(const Napi::CallbackInfo&) { listener_.Close(); }

  static void EndKept(Kept* kept) {
    kept->watch = nullptr;
    uv_close(reinterpret_cast<uv_handle_t*>(&kept->handle), [](uv_handle_t* handle) {
      auto* closed = static_cast<Kept*>(handle->data);
      napi_remove_async_cleanup_hook(closed->hook);
      delete closed;
    });
  }

  static void OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) {
    auto* kept = static_cast<Kept*>(data);
    if (kept->watch != nullptr) kept->watch->listener_.Close();
  }

  SignalListener listener_;
  std::vector<Kept*> kept_;
};

}  // namespace

void DefineSignalWatch(Napi::Object exports) {
  exports.Set("SignalWatch", SignalWatch::Class(exports.Env()));
  const auto [first, last] = RealtimeSignals();
  Define(exports, {NamedNumber{"SIGRTMIN", static_cast<double>(first)},
                   NamedNumber{"SIGRTMAX", static_cast<double>(last)}});
}

}  // namespace iomux
