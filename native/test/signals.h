#ifndef IOMUX_NATIVE_TEST_SIGNALS_H_
#define IOMUX_NATIVE_TEST_SIGNALS_H_

#include <signal.h>

#include <vector>

#include "native/sys/signal_listener.h"
#include "native/test/check.h"

namespace iomux::test {

inline constexpr int kCapacity = kSignals + 127;

inline std::vector<SignalRecord> Take(SignalListener& listener) {
  std::vector<SignalRecord> records(kCapacity);
  const int count = listener.Take(records.data(), kCapacity);
  records.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return records;
}

inline int Open(SignalListener& listener, int number, SignalKeeper* keeper = nullptr) {
  const int32_t numbers[] = {number};
  return listener.Open(numbers, 1, keeper);
}

inline struct sigaction Current(int number) {
  struct sigaction action {};
  CHECK_EQ(sigaction(number, nullptr, &action), 0);
  return action;
}

}  // namespace iomux::test

#endif  // IOMUX_NATIVE_TEST_SIGNALS_H_
