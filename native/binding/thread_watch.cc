#include <napi.h>
#include <poll.h>
#include <pthread.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "native/binding/delivery.h"
#include "native/binding/functions.h"
#include "native/sys/io.h"
#include "native/sys/monitor.h"
#include "native/sys/unique_fd.h"
#include "native/sys/waker.h"

// The driver `thread`, for runtimes without libuv: one thread parked in poll(2). It reports to
// JavaScript once, and polls again only when JavaScript is done with the events (Rearm), so that it
// neither spins on a descriptor that stays readable nor misses an event.
namespace iomux {
namespace {

class ThreadWatch : public Napi::ObjectWrap<ThreadWatch> {
 public:
  static Napi::Function Class(Napi::Env env) {
    return DefineClass(
        env, "ThreadWatch",
        {InstanceMethod<&ThreadWatch::Open>("open"), InstanceMethod<&ThreadWatch::Start>("start"),
         InstanceMethod<&ThreadWatch::Stop>("stop"), InstanceMethod<&ThreadWatch::Resume>("resume"),
         InstanceMethod<&ThreadWatch::Reference>("ref"),
         InstanceMethod<&ThreadWatch::Unreference>("unref"),
         InstanceMethod<&ThreadWatch::Close>("close")});
  }

  // (fd, header and events, or undefined). The fd is -1 if every `start` passes descriptors.
  explicit ThreadWatch(const Napi::CallbackInfo& info)
      : Napi::ObjectWrap<ThreadWatch>(info),
        delivery_(info.Env(), info[0].As<Napi::Number>().Int32Value(), info[1]) {}

  ~ThreadWatch() override { Finish(); }

 private:
  using Queue = napi_threadsafe_function;

  // (): 0, or a negated errno
  Napi::Value Open(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    int ends[2] = {-1, -1};
    const int result = OpenWaker(ends);
    if (result < 0) return Napi::Number::New(env, result);
    wait_end_.reset(ends[0]);
    if (ends[1] != ends[0]) signal_end_owner_.reset(ends[1]);
    signal_end_ = ends[1];
    const napi_status created =
        napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "IOMUX"), 0,
                                        1, nullptr, nullptr, this, OnReady, &queue_);
    if (created != napi_ok) return Failed(env, -ENOMEM);
    // Not std::thread, which throws if the system has no threads left.
    const int error = pthread_create(&thread_, nullptr, RunThread, this);
    if (error != 0) {
      napi_release_threadsafe_function(queue_, napi_tsfn_abort);
      queue_ = nullptr;
      return Failed(env, -error);
    }
    napi_unref_threadsafe_function(env, queue_);  // a stopped watch does not keep the process alive
    napi_add_env_cleanup_hook(env, OnEnvironmentEnd, this);
    return Napi::Number::New(env, 0);
  }

  // Closes the ends now: the caller tries again with another watch, before this one is collected.
  Napi::Value Failed(Napi::Env env, int result) {
    wait_end_.reset();
    signal_end_owner_.reset();
    return Napi::Number::New(env, result);
  }

  // (callback, pairs of descriptor and events to wait for instead of our own, or undefined): 0
  Napi::Value Start(const Napi::CallbackInfo& info) {
    const Napi::Value started = Napi::Number::New(info.Env(), 0);
    if (queue_ == nullptr) return started;
    if (!delivery_.started()) Ref();
    if (referenced_) napi_ref_threadsafe_function(info.Env(), queue_);
    delivery_.Start(info[0].As<Napi::Function>());
    std::vector<pollfd> descriptors = {{delivery_.fd(), POLLIN, 0}};
    if (info[1].IsTypedArray()) {
      const auto pairs = info[1].As<Napi::Int32Array>();
      descriptors.clear();
      for (size_t i = 0; i + 1 < pairs.ElementLength(); i += 2) {
        descriptors.push_back({pairs[i], static_cast<short>(pairs[i + 1]), 0});  // NOLINT
      }
    }
    {
      const Inside inside(monitor_);
      descriptors_ = std::move(descriptors);
      ++start_;
      armed_ = true;
    }
    Nudge();
    return started;
  }

  void Stop(const Napi::CallbackInfo& info) {
    if (queue_ == nullptr || !delivery_.started()) return;
    {
      const Inside inside(monitor_);
      armed_ = false;
      ++start_;
    }
    Nudge();
    napi_unref_threadsafe_function(info.Env(), queue_);
    delivery_.Stop();
    Unref();
  }

  // Called after a wake-up, when JavaScript is done with the events.
  void Resume(const Napi::CallbackInfo&) {
    if (queue_ != nullptr && delivery_.started()) Rearm();
  }

  void Reference(const Napi::CallbackInfo& info) {
    referenced_ = true;
    if (queue_ != nullptr && delivery_.started()) {
      napi_ref_threadsafe_function(info.Env(), queue_);
    }
  }

  void Unreference(const Napi::CallbackInfo& info) {
    referenced_ = false;
    if (queue_ != nullptr) napi_unref_threadsafe_function(info.Env(), queue_);
  }

  void Close(const Napi::CallbackInfo&) {
    if (queue_ == nullptr) return;
    const bool started = delivery_.started();
    Finish();
    if (started) Unref();
  }

  static void OnEnvironmentEnd(void* data) { static_cast<ThreadWatch*>(data)->Finish(); }

  void Finish() {
    if (queue_ == nullptr) return;
    napi_remove_env_cleanup_hook(Env(), OnEnvironmentEnd, this);
    {
      const Inside inside(monitor_);
      closing_ = true;
    }
    Nudge();
    pthread_join(thread_, nullptr);
    napi_release_threadsafe_function(queue_, napi_tsfn_abort);
    queue_ = nullptr;
    wait_end_.reset();
    signal_end_owner_.reset();
    delivery_.Stop();
  }

  // Makes the thread look at the state again, in either place where it can be parked.
  void Nudge() {
    monitor_.Notify();
    static_cast<void>(SignalWaker(signal_end_));
  }

  static void* RunThread(void* watch) {
    static_cast<ThreadWatch*>(watch)->Run();
    return nullptr;
  }

  // On the thread.
  void Run() {
    std::vector<pollfd> descriptors;
    size_t start = 0;
    while (AwaitArmed(&descriptors, &start)) {
      const int ready = poll(descriptors.data(), static_cast<nfds_t>(descriptors.size()), -1);
      // If poll fails for another reason than a signal, JavaScript is called: it makes the system
      // call itself, and learns the error.
      const bool nudged = ready < 0 ? errno == EINTR : descriptors.back().revents != 0;
      if (nudged) {
        static_cast<void>(DrainWaker(wait_end_.get()));
      } else {
        Report(start);
      }
    }
  }

  // Waits until the watch is armed; false if it is closed instead.
  bool AwaitArmed(std::vector<pollfd>* descriptors, size_t* start) {
    const Inside inside(monitor_);
    while (!armed_ && !closing_) monitor_.Wait();
    if (closing_) return false;
    *descriptors = descriptors_;
    descriptors->push_back({wait_end_.get(), POLLIN, 0});
    *start = start_;
    return true;
  }

  void Report(size_t start) {
    const Inside inside(monitor_);
    // Stopped or started again meanwhile: this readiness is outdated.
    if (start != start_ || closing_) return;
    armed_ = false;
    napi_call_threadsafe_function(queue_, reinterpret_cast<void*>(start), napi_tsfn_nonblocking);
  }

  // On JavaScript's thread, inside a callback scope of Node's.
  static void OnReady(napi_env env, napi_value, void* context, void* data) {
    if (env == nullptr) return;  // the environment has ended, and `context` may be gone
    auto* watch = static_cast<ThreadWatch*>(context);
    if (watch->queue_ != nullptr) watch->Deliver(reinterpret_cast<size_t>(data));
  }

  void Deliver(size_t start) {
    if (!delivery_.started() || start != start_) return;
    const Napi::HandleScope scope(Env());
    const Napi::Value alive = Value();  // the callback may close us, and drop the last reference
    static_cast<void>(alive);
    const int count = delivery_.Collect();
    if (delivery_.harvests() && count == 0) return Rearm();
    // Not rearmed here: the runtime would handle up to a thousand reports before anything else gets
    // a turn. JavaScript calls `resume` in the next turn.
    delivery_.Enter(count);
  }

  void Rearm() {
    {
      const Inside inside(monitor_);
      armed_ = true;
    }
    monitor_.Notify();
  }

  Delivery delivery_;
  Queue queue_ = nullptr;   // null until open, and once closed
  bool referenced_ = true;  // whether it keeps the process alive while it is started
  UniqueFd wait_end_;
  UniqueFd signal_end_owner_;
  int signal_end_ = -1;
  pthread_t thread_{};

  // Guards the following. Only JavaScript's thread changes start_ and descriptors_.
  Monitor monitor_;
  std::vector<pollfd> descriptors_;
  size_t start_ = 0;  // counts starts and stops, to recognise reports of an earlier start
  bool armed_ = false;
  bool closing_ = false;
};

}  // namespace

void DefineThreadWatch(Napi::Object exports) {
  exports.Set("ThreadWatch", ThreadWatch::Class(exports.Env()));
}

}  // namespace iomux
