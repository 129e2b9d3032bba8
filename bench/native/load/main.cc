// load: a load generator for echo servers. With a RATE of 0 every connection keeps one message in
// flight, so the latencies are those of a server that is always as busy as it can be; otherwise
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
#include "support/must.h"
#include "support/number.h"

namespace bench {
namespace {

constexpr char kUsage[] = "load ADDRESS SERVER_PID CONNECTIONS SIZE WARM_UP SECONDS RATE BUSY";

int Main(int argc, char** argv) {
  if (argc != 9) Fail("usage", kUsage);
  Options options;
  options.address = argv[1];
  options.connections = ParseInteger("CONNECTIONS", argv[3], 1, 1000000);
  options.message_size = ParseInteger<size_t>("SIZE", argv[4], 1, 1 << 24);
  options.rate = ParseDouble("RATE", argv[7], 0, 1e7);
  options.busy = ParseInteger("BUSY", argv[8], 0, 1000000);
  const double warm_up = ParseDouble("WARM_UP", argv[5], 0, 3600);
  const double seconds = ParseDouble("SECONDS", argv[6], 0.001, 3600);
  RaiseDescriptorLimit();
  const Clocks clocks(ParseInteger<pid_t>("SERVER_PID", argv[2], 1, 1 << 30));
  Load load(options);

  load.Start();
  load.RunFor(warm_up);
  load.traffic().latencies = Histogram();
  const uint64_t busy_before = load.busy_traffic().bytes_verified;
  const uint64_t answered_before = load.traffic().messages;
  const Instant begin = clocks.Read();
  if (options.rate > 0) load.traffic().counted_since = begin.time;
  load.RunFor(seconds);
  const Instant end = clocks.Read();
  const uint64_t answered = load.traffic().messages - answered_before;
  const uint64_t busy_bytes = load.busy_traffic().bytes_verified - busy_before;
  Histogram latencies = load.traffic().latencies;
  load.Drain();
  // Includes the messages that were unanswered when the window ended: they have waited longest.
  if (options.rate > 0) latencies = load.traffic().latencies;

  std::printf("{");
  PrintMeasurement(answered, latencies, begin, end);
  std::printf(",\"totalMessages\":%ju,\"bytesVerified\":%ju,\"busyBytes\":%ju}\n",
              static_cast<uintmax_t>(load.traffic().messages),
              static_cast<uintmax_t>(load.traffic().bytes_verified),
              static_cast<uintmax_t>(busy_bytes));
  return load.errors() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
