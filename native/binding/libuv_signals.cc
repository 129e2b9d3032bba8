#include "native/binding/libuv_signals.h"

#include <uv.h>

#include "native/sys/unique_fd.h"

namespace iomux {
namespace {

class Keeper : public SignalKeeper {
 public:
  int Keep(int number) override {
    if (users_[number]++ > 0) return 0;
    if (handles_in_use_ == 0) {
      loop_.backend_fd = -1;
      const int made = uv_loop_init(&loop_);
      if (made < 0) {
        const UniqueFd leaked(uv_backend_fd(&loop_));  // by libuv before 1.51; later: -1
        return made;
      }
    }
    ++handles_in_use_;
    uv_signal_t* handle = &handles_[number];
    uv_signal_init(&loop_, handle);
    uv_unref(reinterpret_cast<uv_handle_t*>(handle));
    return uv_signal_start(
        handle, [](uv_signal_t*, int) {}, number);
  }

  void LetGo(int number) override {
    if (--users_[number] > 0 || handles_in_use_ == 0) return;
    uv_close(reinterpret_cast<uv_handle_t*>(&handles_[number]), nullptr);
    // libuv closes the handle only after it has read what it wrote to the loop's pipe. The loop has
    // nothing else that keeps it running.
    uv_run(&loop_, UV_RUN_DEFAULT);
    if (--handles_in_use_ == 0) uv_loop_close(&loop_);
  }

 private:
  uv_loop_t loop_{};  // while there are handles in use
  int handles_in_use_ = 0;
  uv_signal_t handles_[kSignals]{};
  int users_[kSignals]{};
};

Keeper keeper;

}  // namespace

SignalKeeper& LibuvSignals() { return keeper; }

}  // namespace iomux
