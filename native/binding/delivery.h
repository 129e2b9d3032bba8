#ifndef IOMUX_NATIVE_BINDING_DELIVERY_H_
#define IOMUX_NATIVE_BINDING_DELIVERY_H_

#include <napi.h>

#include <cstdint>

#include "native/sys/multiplexer.h"

namespace iomux {

// How a wake-up enters JavaScript: once, inside one callback scope, so that Node drains its ticks
// and microtasks when the callback returns. Both drivers (loop_watch.cc, thread_watch.cc) own one.
//
// The watch of a multiplexer is made with an Int32Array that JavaScript owns: a header that both
// sides write, then the events of the batch, three numbers each. The watch of any other descriptor
// has no array, and its callback only learns that the descriptor is ready.
class Delivery {
 public:
  enum Header : int {
    kInWake,   // 1 from the entry into JavaScript until the microtasks that it started are done
    kWaiting,  // how many waiters in JavaScript keep the process alive
    kHeaderLength,
  };

  Delivery(Napi::Env env, int fd, Napi::Value events);
  ~Delivery();
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] bool started() const { return !callback_.IsEmpty(); }
  [[nodiscard]] bool harvests() const { return header_ != nullptr; }
  [[nodiscard]] bool waiting() const { return header_[kWaiting] > 0; }
  // How many events one batch can hold.
  [[nodiscard]] int capacity() const { return capacity_; }

  void Start(Napi::Function callback);
  void Stop() { callback_.Reset(); }

  // Collects one batch: a count, or a negated errno. 0 for a watch without an array.
  [[nodiscard]] int Collect();
  // Calls the callback with `count`. Only while started; the callback may stop or close the watch.
  void Enter(int count);
  void EndWake() { header_[kInWake] = 0; }

 private:
  Napi::Env env_;
  const int fd_;
  int32_t* header_ = nullptr;
  Event* batch_ = nullptr;
  int capacity_ = 0;
  Napi::ObjectReference events_;  // keeps the memory of header_ and batch_ alive
  Napi::FunctionReference callback_;
  Napi::ObjectReference resource_;
  napi_async_context context_ = nullptr;
};

}  // namespace iomux

#endif  // IOMUX_NATIVE_BINDING_DELIVERY_H_
