// load: a closed-loop load generator for echo servers. Every connection keeps a fixed number of
// messages in flight, so the latencies are those of a server that is always as busy as it can be,
// not those of a given arrival rate.
//
// Prints one line of JSON. Latencies are in microseconds; a core's share is processor time over
// wall time, both taken over the measured window; `totalMessages` and `bytesVerified` count from
// the first message to the last. Fails if one answer was wrong or missing, with the reasons on
// stderr.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "load/load.h"
#include "load/options.h"
#include "support/clock.h"
#include "support/must.h"

namespace bench {
namespace {

struct Instant {
  Time time;
  double generator_cpu;
  std::optional<double> server_cpu;
};

class Clocks {
 public:
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

double Microseconds(uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; }

void Print(Load& load, const Histogram& latencies, const Instant& begin, const Instant& end) {
  const double seconds = ToSeconds(end.time - begin.time);
  const auto share = [seconds](double spent) { return std::to_string(spent / seconds); };
  std::printf(
      "{\"messages\":%ju,\"seconds\":%.6f,\"messagesPerSecond\":%.1f,"
      "\"p50\":%.2f,\"p99\":%.2f,\"max\":%.2f,"
      "\"generatorShare\":%s,\"serverShare\":%s,"
      "\"errors\":%d,\"totalMessages\":%ju,\"bytesVerified\":%ju}\n",
      static_cast<uintmax_t>(latencies.total()), seconds,
      static_cast<double>(latencies.total()) / seconds, Microseconds(latencies.Quantile(0.5)),
      Microseconds(latencies.Quantile(0.99)), Microseconds(latencies.max()),
      share(end.generator_cpu - begin.generator_cpu).c_str(),
      begin.server_cpu ? share(*end.server_cpu - *begin.server_cpu).c_str() : "null", load.errors(),
      static_cast<uintmax_t>(load.traffic().messages),
      static_cast<uintmax_t>(load.traffic().bytes_verified));
}

int Main(int argc, char** argv) {
  const Options options = ParseOptions(argc, argv);
  RaiseDescriptorLimit();
  const Clocks clocks(options.server_pid);
  Load load(options);

  load.RunFor(options.warm_up_seconds);
  load.traffic().latencies = Histogram();
  const Instant begin = clocks.Read();
  load.RunFor(options.seconds);
  const Instant end = clocks.Read();
  const Histogram latencies = load.traffic().latencies;
  load.Drain();

  Print(load, latencies, begin, end);
  return load.errors() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
