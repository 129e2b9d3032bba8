// Numbers from the command line.

#ifndef BENCH_NATIVE_SUPPORT_NUMBER_H_
#define BENCH_NATIVE_SUPPORT_NUMBER_H_

#include <cmath>
#include <cstdlib>

#include "support/must.h"

namespace bench {

inline double ParseDouble(const char* name, const char* text, double least, double most) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0') Fail(name, "is not a number");
  if (!(value >= least && value <= most)) Fail(name, "is out of range");
  return value;
}

template <typename Integer>
Integer ParseInteger(const char* name, const char* text, Integer least, Integer most) {
  const double value =
      ParseDouble(name, text, static_cast<double>(least), static_cast<double>(most));
  if (value != std::floor(value)) Fail(name, "is not a whole number");
  return static_cast<Integer>(value);
}

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_NUMBER_H_
