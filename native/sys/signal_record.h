#ifndef IOMUX_NATIVE_SYS_SIGNAL_RECORD_H_
#define IOMUX_NATIVE_SYS_SIGNAL_RECORD_H_

#include <signal.h>

#include <cstdint>

namespace iomux {

// A signal as it passes through the pipe of a listener, and on to JavaScript.
struct SignalRecord {
  int32_t number;  // 0 for a record that only wakes the reader
  int32_t count;   // how many signals it stands for
  int32_t known;   // which of the following are set (SignalKnown)
  int32_t pid;
  int32_t uid;
  int32_t value;
};

enum SignalKnown : int32_t {
  kSenderKnown = 1,  // pid and uid
  kValueKnown = 2,
};

// Which of sender and value the system has filled in. Async-signal-safe.
[[nodiscard]] int32_t KnownOf(const siginfo_t& info);

// The realtime signals, which carry a value and are queued, one for each time they are sent. Both 0
// where there are none.
struct SignalRange {
  int first;
  int last;
};
[[nodiscard]] SignalRange RealtimeSignals();

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_SIGNAL_RECORD_H_
