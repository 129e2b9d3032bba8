// load: a load generator for echo servers. Without a rate every connection keeps one message in
// flight, so the latencies are those of a server that is always as busy as it can be; with one,
// messages leave by a timetable, however busy the server is, and latencies are of those that were
// due within the measured window, whenever the answer came.
//
// Prints a measurement and what else was counted: `busyBytes`, which the busy connections got back
// within the measured window, and `totalMessages` and `bytesVerified`, from the first message to
// the last. Fails if one answer was wrong or missing, with the reasons on stderr.

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "load/load.h"
#include "load/measurement.h"
#include "load/options.h"
#include "support/must.h"

namespace bench {
namespace {

int Main(int argc, char** argv) {
  const Options options = ParseOptions(argc, argv);
  RaiseDescriptorLimit();
  const Clocks clocks(options.server_pid);
  Load load(options);

  load.Start();
  load.RunFor(options.warm_up_seconds);
  load.traffic().latencies = Histogram();
  const uint64_t busy_before = load.busy_traffic().bytes_verified;
  const uint64_t answered_before = load.traffic().messages;
  const Instant begin = clocks.Read();
  if (options.rate > 0) load.traffic().counted_since = begin.time;
  load.RunFor(options.seconds);
  const Instant end = clocks.Read();
  const uint64_t answered = load.traffic().messages - answered_before;
  const uint64_t busy_bytes = load.busy_traffic().bytes_verified - busy_before;
  Histogram latencies = load.traffic().latencies;
  load.Drain();
  // Includes the messages that were unanswered when the window ended: they have waited longest.
  if (options.rate > 0) latencies = load.traffic().latencies;

  std::printf("{");
  PrintMeasurement(answered, latencies, begin, end);
  std::printf(",\"errors\":%d,\"totalMessages\":%ju,\"bytesVerified\":%ju,\"busyBytes\":%ju}\n",
              load.errors(), static_cast<uintmax_t>(load.traffic().messages),
              static_cast<uintmax_t>(load.traffic().bytes_verified),
              static_cast<uintmax_t>(busy_bytes));
  return load.errors() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
