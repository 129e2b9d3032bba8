#include <napi.h>
#include <uv.h>

#include <memory>

#include "native/binding/delivery.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/io.h"
#include "native/sys/unique_fd.h"

// The driver `uv`: one uv_poll_t on the multiplexer's descriptor, which is readable while it has
// events. More precisely, on a duplicate that nobody else knows: if the descriptor that libuv is to
// add were closed by somebody else before, libuv would abort the process. Events are collected from
// the original, so that waiters are told if that was closed.
namespace iomux {
namespace {

// Batches are collected until there are no more events, so that a busy multiplexer does not need a
// turn of the loop for each. Timers and other handles have to wait meanwhile, which limits the
// number of batches, and the number of events after which there is no other batch.
constexpr int kMaxHarvests = 32;
constexpr int kMaxEventsPerWake = 256;
// After a wake-up without a second batch, this many wake-ups do not look for one, so that a quiet
// multiplexer does not pay for a system call that finds nothing.
constexpr int kQuietWakes = 8;

class LoopWatch;

// The libuv handle has to live until libuv has closed it, which is after the watch is gone. The
// cleanup hook keeps a Worker's loop from ending before that.
struct Poll {
  uv_poll_t handle;
  UniqueFd duplicate;
  LoopWatch* watch;  // null once the handle is closing
  napi_async_cleanup_hook_handle hook;
};

void Close(Poll* poll) {
  poll->watch = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&poll->handle), [](uv_handle_t* handle) {
    auto* closed = static_cast<Poll*>(handle->data);
    napi_remove_async_cleanup_hook(closed->hook);
    delete closed;
  });
  poll->duplicate.reset();
}

struct PollCloser {
  void operator()(Poll* poll) const { Close(poll); }
};

class LoopWatch : public Napi::ObjectWrap<LoopWatch>, public FdWatcher {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(
        env, "LoopWatch",
        {InstanceMethod<&LoopWatch::Open>("open"), InstanceMethod<&LoopWatch::Start>("start"),
         InstanceMethod<&LoopWatch::Stop>("stop"), InstanceMethod<&LoopWatch::Reference>("ref"),
         InstanceMethod<&LoopWatch::Unreference>("unref"),
         InstanceMethod<&LoopWatch::Close>("close")});
  }

  // (fd, header and events, or undefined)
  explicit LoopWatch(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<LoopWatch>(info),
        delivery_(info.Env(), info[0].As<Napi::Number>().Int32Value(), info[1]) {}

  ~LoopWatch() override { LetGo(); }

  [[nodiscard]] int duplicate() const override { return poll_->duplicate.get(); }

  void LetGo() override {
    if (!poll_) return;
    Environment::Of(Env()).RemoveWatcher(this);
    poll_.reset();
  }

 private:
  // (): 0, or a negated errno
  Napi::Value Open(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    uv_loop_t* loop = nullptr;
    napi_get_uv_event_loop(env, &loop);
    auto poll = std::make_unique<Poll>();
    const int duplicate = Duplicate(delivery_.fd());
    if (duplicate < 0) return Napi::Number::New(env, duplicate);
    poll->duplicate.reset(duplicate);
    const int result = uv_poll_init(loop, &poll->handle, duplicate);
    if (result < 0) return Napi::Number::New(env, result);
    poll->handle.data = poll.get();
    poll->watch = this;
    napi_add_async_cleanup_hook(env, OnEnvironmentEnd, poll.get(), &poll->hook);
    poll_.reset(poll.release());
    Environment::Of(env).AddWatcher(delivery_.fd(), this);
    return Napi::Number::New(env, 0);
  }

  // (callback): 0, or a negated errno
  Napi::Value Start(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (!poll_ || delivery_.started()) return Napi::Number::New(env, 0);
    const int result = StartPoll();
    if (result == 0) {
      delivery_.Start(info[0].As<Napi::Function>());
      Ref();
    }
    return Napi::Number::New(env, result);
  }

  // uv_poll_start leaves the system call to the loop, which aborts if it fails. Nest makes it here,
  // where it may fail.
  int StartPoll() {
    uv_poll_t* handle = &poll_->handle;
    const int started = uv_poll_start(handle, UV_READABLE, OnReadable);
    if (started < 0) return started;
    const int result = Nest(uv_backend_fd(handle->loop), duplicate());
    if (result < 0) uv_poll_stop(handle);
    return result;
  }

  void Stop(const Napi::CallbackInfo&) {
    if (!poll_ || !delivery_.started()) return;
    uv_poll_stop(&poll_->handle);
    Release();
  }

  void Reference(const Napi::CallbackInfo&) {
    if (poll_) SetReferenced(true);
  }

  void Unreference(const Napi::CallbackInfo&) {
    if (poll_) SetReferenced(false);
  }

  void Close(const Napi::CallbackInfo&) {
    LetGo();
    if (delivery_.started()) Release();
  }

  void Release() {
    delivery_.Stop();
    Unref();
  }

  static void OnEnvironmentEnd(napi_async_cleanup_hook_handle, void* data) {
    auto* poll = static_cast<Poll*>(data);
    LoopWatch* watch = poll->watch;
    if (watch == nullptr) return;
    watch->LetGo();
    watch->delivery_.Stop();
  }

  static void OnReadable(uv_poll_t* handle, int status, int) {
    static_cast<Poll*>(handle->data)->watch->Deliver(status);
  }

  void Deliver(int status) {
    const Napi::HandleScope scope(Env());
    const Napi::Value alive = Value();  // the callback may close us, and drop the last reference
    static_cast<void>(alive);
    if (status < 0 || !delivery_.harvests()) return delivery_.Enter(status);
    int total = 0;
    for (int harvest = 0; harvest < kMaxHarvests && total < kMaxEventsPerWake; ++harvest) {
      if (harvest == 1 && quiet_wakes_ > 0) {
        --quiet_wakes_;
        return;
      }
      const int count = delivery_.Collect();
      if (harvest == 1 && count == 0) quiet_wakes_ = kQuietWakes;
      if (count == 0) return;
      total += count;
      delivery_.Enter(count);
      delivery_.EndWake();
      // The callback may have closed us, or our descriptor.
      if (!poll_ || !delivery_.started()) return;
      SetReferenced(delivery_.waiting());
    }
  }

  void SetReferenced(bool referenced) {
    auto* handle = reinterpret_cast<uv_handle_t*>(&poll_->handle);
    referenced ? uv_ref(handle) : uv_unref(handle);
  }

  Delivery delivery_;
  std::unique_ptr<Poll, PollCloser> poll_;
  int quiet_wakes_ = 0;
};

}  // namespace

void DefineLoopWatch(Napi::Object exports) {
  exports.Set("LoopWatch", LoopWatch::Class(exports.Env()));
}

}  // namespace iomux
