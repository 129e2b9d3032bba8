// The two clocks of a measurement: the time that passed, and the processor time that a process
// spent.

#ifndef BENCH_NATIVE_SUPPORT_CLOCK_H_
#define BENCH_NATIVE_SUPPORT_CLOCK_H_

#include <sys/types.h>
#include <time.h>

#include <chrono>
#include <cstring>

#include "support/must.h"

namespace bench {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

[[nodiscard]] inline Duration FromSeconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

[[nodiscard]] inline double ToSeconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// Milliseconds from now until `deadline` as epoll_wait(2) wants them: rounded up, never negative.
[[nodiscard]] inline int MillisecondsUntil(Time deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

// POSIX lets one process read the processor-time clock of another, in nanoseconds: the generator
// takes both shares at the same two instants, and the server need not help. getrusage(2) reads the
// same counters, for the caller only.
class CpuClock {
 public:
  // pid 0 is this process.
  explicit CpuClock(pid_t pid) {
    const int error = clock_getcpuclockid(pid, &clock_);
    if (error != 0) Fail("clock_getcpuclockid", std::strerror(error));
  }

  [[nodiscard]] double Seconds() const {
    timespec spent;
    Must(clock_gettime(clock_, &spent), "clock_gettime");
    return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) / 1e9;
  }

 private:
  clockid_t clock_;
};

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_CLOCK_H_
