// How the harness talks to a measured program: the program prints {"address":"..."} when it is
// ready, answers every line on its standard input with what it has counted and spent until then,
// and ends when its standard input does.

#ifndef BENCH_NATIVE_SUPPORT_CONTROL_H_
#define BENCH_NATIVE_SUPPORT_CONTROL_H_

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>

#include "support/clock.h"
#include "support/must.h"

namespace bench {

struct Totals {
  uint64_t datagrams = 0;
  uint64_t bytes = 0;
  uint64_t connections = 0;
};

class Control {
 public:
  // What to watch for readability.
  static constexpr int kFd = STDIN_FILENO;

  static void Announce(const std::string& address) {
    std::printf("{\"address\":\"%s\"}\n", address.c_str());
    std::fflush(stdout);
  }

  // Call when `kFd` is readable.
  void OnReadable(const Totals& totals) {
    char input[256];
    const ssize_t length = Must(read(kFd, input, sizeof input), "read");
    ended_ = length == 0;
    for (auto lines = std::count(input, input + length, '\n'); lines > 0; --lines) Print(totals);
  }

  // Answers what there is on the input, without waiting: for a program that never waits.
  void Check(const Totals& totals) {
    pollfd input{kFd, POLLIN, 0};
    if (Must(poll(&input, 1, 0), "poll") > 0) OnReadable(totals);
  }

  [[nodiscard]] bool ended() const { return ended_; }

 private:
  void Print(const Totals& totals) const {
    std::printf(
        "{\"seconds\":%.9f,\"cpuSeconds\":%.9f,"
        "\"datagrams\":%ju,\"bytes\":%ju,\"connections\":%ju}\n",
        ToSeconds(Clock::now().time_since_epoch()), cpu_.Seconds(),
        static_cast<uintmax_t>(totals.datagrams), static_cast<uintmax_t>(totals.bytes),
        static_cast<uintmax_t>(totals.connections));
    std::fflush(stdout);
  }

  CpuClock cpu_{0};
  bool ended_ = false;
};

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_CONTROL_H_
