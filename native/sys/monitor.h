#ifndef IOMUX_NATIVE_SYS_MONITOR_H_
#define IOMUX_NATIVE_SYS_MONITOR_H_

#include <pthread.h>

namespace iomux {

// A mutex and one condition. Those of the C++ library are code of it, which a prebuilt binary would
// have to bring along; see native/prebuild/allocate.cc.
class Monitor {
 public:
  Monitor() = default;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  void Enter() { pthread_mutex_lock(&mutex_); }
  void Leave() { pthread_mutex_unlock(&mutex_); }
  // Only inside. May return for no reason.
  void Wait() { pthread_cond_wait(&changed_, &mutex_); }
  void Notify() { pthread_cond_signal(&changed_); }

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
};

// Inside a monitor, until the end of the block.
class Inside {
 public:
  explicit Inside(Monitor& monitor) : monitor_(monitor) { monitor_.Enter(); }
  ~Inside() { monitor_.Leave(); }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  Monitor& monitor_;
};

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_MONITOR_H_
