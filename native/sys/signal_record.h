#ifndef IOMUX_NATIVE_SYS_SIGNAL_RECORD_H_
#define IOMUX_NATIVE_SYS_SIGNAL_RECORD_H_

#include <signal.h>

#include <cstdint>

namespace iomux {

// A signal as it goes through the pipe of a listener, and on to JavaScript.
struct SignalRecord {
  int32_t number;  // 0: none, it only wakes
  int32_t count;   // how many it stands for
  int32_t known;   // which of the following mean anything
  int32_t pid;
  int32_t uid;
  int32_t value;
};

enum SignalKnown : int32_t {
  kSenderKnown = 1,  // pid and uid
  kValueKnown = 2,
};

// What the system says of where a signal comes from. Async-signal-safe. One for each system.
[[nodiscard]] int32_t KnownOf(const siginfo_t& info);

// Those that carry a value and come as often as they are sent; both 0 where there are none.
struct SignalRange {
  int first;
  int last;
};
[[nodiscard]] SignalRange RealtimeSignals();

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_SIGNAL_RECORD_H_
