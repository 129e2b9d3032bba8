#ifndef IOMUX_NATIVE_TEST_SIGNALS_H_
#define IOMUX_NATIVE_TEST_SIGNALS_H_

#include <signal.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "native/sys/signal_listener.h"
#include "native/sys/unique_fd.h"
#include "native/test/check.h"

namespace iomux::test {

// A listener that owns the descriptor.
class Listener : public SignalListener {
 public:
  ~Listener() { Close(); }

  int Open(const int32_t* numbers, size_t count, SignalKeeper* keeper) {
    const int result = SignalListener::Open(numbers, count, keeper);
    reader_.reset(result);
    return result;
  }
  void Close() {
    SignalListener::Close();
    reader_.reset();
  }

 private:
  UniqueFd reader_;
};

inline constexpr int kCapacity = kSignals + 127;

inline std::vector<SignalRecord> Take(Listener& listener) {
  std::vector<SignalRecord> records(kCapacity);
  const int count = listener.Take(records.data(), kCapacity);
  records.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return records;
}

inline int Open(Listener& listener, int number, SignalKeeper* keeper = nullptr) {
  const int32_t numbers[] = {number};
  return listener.Open(numbers, 1, keeper);
}

inline struct sigaction Current(int number) {
  struct sigaction action {};
  CHECK_EQ(sigaction(number, nullptr, &action), 0);
  return action;
}

inline void Set(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  CHECK_EQ(sigaction(number, &action, nullptr), 0);
}

inline std::atomic<int64_t> calls{0};
inline void Count(int) { ++calls; }
inline std::atomic<int64_t> other_calls{0};
inline void CountOther(int) { ++other_calls; }

// A handler that calls the one it has displaced.
inline struct sigaction below;
inline void CountAndPassOn(int number, siginfo_t* info, void* context) {
  ++calls;
  if (below.sa_handler != SIG_DFL && below.sa_handler != SIG_IGN) {
    below.sa_sigaction(number, info, context);
  }
}
inline void StandAbove(int number) {
  struct sigaction action {};
  action.sa_sigaction = CountAndPassOn;
  action.sa_flags = SA_SIGINFO;
  CHECK_EQ(sigaction(number, &action, &below), 0);
}

}  // namespace iomux::test

#endif  // IOMUX_NATIVE_TEST_SIGNALS_H_
