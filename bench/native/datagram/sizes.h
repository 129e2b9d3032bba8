// The sizes of the datagrams: SIZE for all, or LEAST-MOST, where each is a byte longer than the one
// before, and LEAST follows MOST.

#ifndef BENCH_NATIVE_DATAGRAM_SIZES_H_
#define BENCH_NATIVE_DATAGRAM_SIZES_H_

#include <cstddef>
#include <string>

#include "support/number.h"

namespace bench {

struct Sizes {
  static constexpr size_t kLargest = 65507;

  [[nodiscard]] static Sizes Parse(const std::string& text) {
    const size_t dash = text.find('-');
    const auto least = ParseInteger<size_t>("SIZE", text.substr(0, dash).c_str(), 1, kLargest);
    if (dash == std::string::npos) return {least, least};
    return {least, ParseInteger<size_t>("SIZE", text.substr(dash + 1).c_str(), least, kLargest)};
  }

  [[nodiscard]] bool one() const { return least == most; }
  // Of the datagram with this number.
  [[nodiscard]] size_t Of(size_t index) const { return least + index % (most - least + 1); }
  [[nodiscard]] bool Contain(size_t size) const { return size >= least && size <= most; }

  size_t least;
  size_t most;
};

}  // namespace bench

#endif  // BENCH_NATIVE_DATAGRAM_SIZES_H_
