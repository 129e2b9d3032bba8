// What both load generators measure, and how they print it: one line of JSON. Latencies are in
// microseconds; a core's share is processor time over wall time.

#ifndef BENCH_NATIVE_LOAD_MEASUREMENT_H_
#define BENCH_NATIVE_LOAD_MEASUREMENT_H_

#include <sys/types.h>

#include <cstdint>
#include <cstdio>

#include "load/histogram.h"
#include "support/clock.h"

namespace bench {

struct Instant {
  Time time;
  double generator_cpu;
  double server_cpu;
};

class Clocks {
 public:
  explicit Clocks(pid_t server_pid) : server_(server_pid) {}

  [[nodiscard]] Instant Read() const {
    return {Clock::now(), generator_.Seconds(), server_.Seconds()};
  }

 private:
  CpuClock generator_{0};
  CpuClock server_;
};

// Prints the line without its braces, so that further members may follow. `answered` is the number
// of messages that were answered between the two instants.
inline void PrintMeasurement(uint64_t answered, const Histogram& latencies, const Instant& begin,
                             const Instant& end) {
  const double seconds = ToSeconds(end.time - begin.time);
  const auto quantile = [&latencies](double of) {
    return static_cast<double>(latencies.Quantile(of)) / 1e3;
  };
  std::printf(
      "\"messages\":%ju,\"seconds\":%.6f,\"messagesPerSecond\":%.1f,"
      "\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"max\":%.2f,"
      "\"generatorShare\":%.6f,\"serverShare\":%.6f",
      static_cast<uintmax_t>(answered), seconds, static_cast<double>(answered) / seconds,
      quantile(0.5), quantile(0.99), quantile(0.999), static_cast<double>(latencies.max()) / 1e3,
      (end.generator_cpu - begin.generator_cpu) / seconds,
      (end.server_cpu - begin.server_cpu) / seconds);
}

}  // namespace bench

#endif  // BENCH_NATIVE_LOAD_MEASUREMENT_H_
