#ifndef IOMUX_NATIVE_SYS_MONITOR_H_
#define IOMUX_NATIVE_SYS_MONITOR_H_

#include <pthread.h>

namespace iomux {

// A mutex and one condition variable. Those of the C++ library would have to be part of every
// prebuilt binary; see native/prebuild/allocate.cc.
class Monitor {
 public:
  Monitor() = default;
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  void Enter() { pthread_mutex_lock(&mutex_); }
  void Leave() { pthread_mutex_unlock(&mutex_); }
  // Only inside. May return spuriously.
  void Wait() { pthread_cond_wait(&changed_, &mutex_); }
  void Notify() { pthread_cond_signal(&changed_); }

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t changed_ = PTHREAD_COND_INITIALIZER;
};

// Enters a monitor until the end of the block.
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
