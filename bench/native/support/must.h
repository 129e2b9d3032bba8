// Failure in a benchmark program: a program that goes on after a failed call measures something
// else, so every failure that is not part of the protocol ends the program with the call and the
// kernel's reason on stderr.

#ifndef BENCH_NATIVE_SUPPORT_MUST_H_
#define BENCH_NATIVE_SUPPORT_MUST_H_

#include <sys/resource.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {

[[noreturn]] inline void Fail(const char* what, const char* why) {
  std::fprintf(stderr, "%s: %s\n", what, why);
  std::exit(EXIT_FAILURE);
}

// The result of a system call that must not fail.
template <typename Result>
Result Must(Result result, const char* call) {
  if (result < 0) Fail(call, std::strerror(errno));
  return result;
}

// Shells hand out a soft limit of 1,024 descriptors for the sake of select(2); nothing here uses
// it.
inline void RaiseDescriptorLimit() {
  rlimit limit;
  Must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
  limit.rlim_cur = limit.rlim_max;
  Must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_MUST_H_
