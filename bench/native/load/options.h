// What the load generator is asked to do.

#ifndef BENCH_NATIVE_LOAD_OPTIONS_H_
#define BENCH_NATIVE_LOAD_OPTIONS_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace bench {

struct Options {
  std::string address;
  int connections = 1;
  size_t message_size = 64;
  double warm_up_seconds = 0.3;
  double seconds = 1;
  // Messages per second of all connections together; 0 for a closed loop.
  double rate = 0;
  // Further connections, which send large messages as fast as they are answered, and whose
  // latencies do not count.
  int busy = 0;
  // The server, if the share of its core shall be measured too.
  pid_t server_pid = 0;
};

// Ends the program with a message where the command line makes no sense.
[[nodiscard]] Options ParseOptions(int argc, char** argv);

}  // namespace bench

#endif  // BENCH_NATIVE_LOAD_OPTIONS_H_
