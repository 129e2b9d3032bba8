// What both load generators measure, and how they print it: one line of JSON. Latencies are in
// microseconds; a core's share is processor time over wall time.

#ifndef BENCH_NATIVE_LOAD_MEASUREMENT_H_
#define BENCH_NATIVE_LOAD_MEASUREMENT_H_

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "load/histogram.h"
#include "support/clock.h"

namespace bench {

struct Instant {
  Time time;
  double generator_cpu;
  std::optional<double> server_cpu;
};

class Clocks {
 public:
  // 0 if no server is watched.
  explicit Clocks(pid_t server_pid) : generator_(0) {
    if (server_pid != 0) server_.emplace(server_pid);
  }

  [[nodiscard]] Instant Read() const {
    Instant instant{Clock::now(), generator_.Seconds(), std::nullopt};
    if (server_) instant.server_cpu = server_->Seconds();
    return instant;
  }

 private:
  CpuClock generator_;
  std::optional<CpuClock> server_;
};

// Prints the line without its braces, so that further members may follow. `answered` is the number
// of messages that were answered between the two instants.
inline void PrintMeasurement(uint64_t answered, const Histogram& latencies, const Instant& begin,
                             const Instant& end) {
  const double seconds = ToSeconds(end.time - begin.time);
  const auto share = [seconds](double spent) { return std::to_string(spent / seconds); };
  const auto quantile = [&latencies](double of) {
    return static_cast<double>(latencies.Quantile(of)) / 1e3;
  };
  std::printf(
      "\"messages\":%ju,\"seconds\":%.6f,\"messagesPerSecond\":%.1f,"
      "\"p50\":%.2f,\"p99\":%.2f,\"p999\":%.2f,\"max\":%.2f,"
      "\"generatorShare\":%s,\"serverShare\":%s",
      static_cast<uintmax_t>(answered), seconds, static_cast<double>(answered) / seconds,
      quantile(0.5), quantile(0.99), quantile(0.999), static_cast<double>(latencies.max()) / 1e3,
      share(end.generator_cpu - begin.generator_cpu).c_str(),
      begin.server_cpu ? share(*end.server_cpu - *begin.server_cpu).c_str() : "null");
}

}  // namespace bench

#endif  // BENCH_NATIVE_LOAD_MEASUREMENT_H_
