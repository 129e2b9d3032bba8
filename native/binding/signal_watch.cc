#include <napi.h>

#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/binding/libuv_signals.h"
#include "native/sys/signal_listener.h"

// A listener for signals (native/sys/signal_listener.h).
namespace iomux {
namespace {

class SignalWatch : public Napi::ObjectWrap<SignalWatch> {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(
        env, "SignalWatch",
        {InstanceMethod<&SignalWatch::Open>("open"), InstanceMethod<&SignalWatch::Take>("take"),
         InstanceMethod<&SignalWatch::Close>("close")});
  }

  explicit SignalWatch(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SignalWatch>(info) {}

  ~SignalWatch() override { listener_.Close(); }

 private:
  // (signal numbers, whether libuv is there): the descriptor, which belongs to the environment, or
  // a negated errno
  Napi::Value Open(const Napi::CallbackInfo& info) {
    const auto numbers = info[0].As<Napi::Int32Array>();
    SignalKeeper* keeper = info[1].As<Napi::Boolean>().Value() ? &LibuvSignals() : nullptr;
    const int result = listener_.Open(numbers.Data(), numbers.ElementLength(), keeper);
    return Napi::Number::New(info.Env(), Environment::Of(info.Env()).Own(result));
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

  SignalListener listener_;
};

}  // namespace

void DefineSignalWatch(Napi::Object exports) {
  exports.Set("SignalWatch", SignalWatch::Class(exports.Env()));
  const auto [first, last] = RealtimeSignals();
  DefineNumbers(
      exports, {{"SIGRTMIN", static_cast<double>(first)}, {"SIGRTMAX", static_cast<double>(last)}});
}

}  // namespace iomux
