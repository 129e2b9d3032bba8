#ifndef IOMUX_NATIVE_SYS_DEADLINE_H_
#define IOMUX_NATIVE_SYS_DEADLINE_H_

#include <time.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace iomux {

// A timeout as the blocking calls take it: milliseconds with a fraction, negative for forever. A
// wait that a signal interrupts continues with the time that is left, and never ends early.
class Deadline {
 public:
  explicit Deadline(double milliseconds)
      : forever_(!(milliseconds >= 0) || milliseconds > kLongest),
        expires_(forever_ ? 0 : Now() + static_cast<int64_t>(std::ceil(milliseconds * 1e6))) {}

  [[nodiscard]] bool forever() const { return forever_; }

  // Nanoseconds, 0 once the deadline has passed. Meaningless when forever().
  [[nodiscard]] int64_t Left() const {
    const int64_t left = expires_ - Now();
    return left > 0 ? left : 0;
  }

  // For calls that take whole milliseconds: rounded up, -1 for forever, at most INT_MAX (25 days,
  // after which the caller finds that time is left and waits again).
  [[nodiscard]] int LeftMilliseconds() const {
    if (forever_) return -1;
    const int64_t milliseconds = (Left() + 999'999) / 1'000'000;
    constexpr int kMost = std::numeric_limits<int>::max();
    return milliseconds > kMost ? kMost : static_cast<int>(milliseconds);
  }

 private:
  static constexpr double kLongest = 1e12;  // 31 years; 64 bits hold 292 years of nanoseconds

  static int64_t Now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }

  bool forever_;
  int64_t expires_;
};

[[nodiscard]] inline timespec ToTimespec(int64_t nanoseconds) {
  timespec result;
  result.tv_sec = static_cast<time_t>(nanoseconds / 1'000'000'000);
  result.tv_nsec = static_cast<long>(nanoseconds % 1'000'000'000);  // NOLINT(google-runtime-int)
  return result;
}

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_DEADLINE_H_
