// How the harness talks to a program that never waits for work: the program announces that it is
// ready, works for a while for every line on its standard input, answers with what it has done, and
// ends when the input does.

#ifndef BENCH_NATIVE_SUPPORT_TURNS_H_
#define BENCH_NATIVE_SUPPORT_TURNS_H_

#include <cstdint>
#include <cstdio>

#include "support/clock.h"
#include "support/control.h"

namespace bench {

// count_until(Time deadline) returns the number of events. Those in the first `lead` seconds of a
// turn are not reported.
template <typename CountUntil>
void TakeTurns(double lead, double seconds, CountUntil count_until) {
  const CpuClock cpu(0);
  Control::Announce("");
  while (std::getchar() != EOF) {
    static_cast<void>(count_until(Clock::now() + FromSeconds(lead)));
    const double spent = cpu.Seconds();
    const Time begin = Clock::now();
    const uint64_t events = count_until(begin + FromSeconds(seconds));
    const double elapsed = ToSeconds(Clock::now() - begin);
    std::printf("{\"events\":%ju,\"seconds\":%.9f,\"cpuSeconds\":%.9f}\n",
                static_cast<uintmax_t>(events), elapsed, cpu.Seconds() - spent);
    std::fflush(stdout);
  }
}

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_TURNS_H_
