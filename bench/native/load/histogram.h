// Latencies in constant memory and with bounded relative error, after Gil Tene's HdrHistogram.
//
// An array of samples would grow with the speed of the peer and its page faults would be measured
// with it. Buckets are linear within a power of two: 2^7 of them per octave keep every quantile
// within 0.8 % of the true value.

#ifndef BENCH_NATIVE_LOAD_HISTOGRAM_H_
#define BENCH_NATIVE_LOAD_HISTOGRAM_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

class Histogram {
 public:
  Histogram() : counts_(BucketOf(UINT64_MAX) + 1) {}

  void Record(uint64_t value) {
    ++counts_[BucketOf(value)];
    ++total_;
    max_ = std::max(max_, value);
  }

  [[nodiscard]] uint64_t total() const { return total_; }
  [[nodiscard]] uint64_t max() const { return max_; }

  // The smallest recorded value, to the width of its bucket, that `share` of all values do not
  // exceed; 0 if empty.
  [[nodiscard]] uint64_t Quantile(double share) const {
    const double wanted = share * static_cast<double>(total_);
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen > 0 && static_cast<double>(seen) >= wanted) return std::min(HighestIn(bucket), max_);
    }
    return 0;
  }

 private:
  static constexpr int kLinearBits = 7;

  // How far the values of an octave are shifted to leave 2^kLinearBits buckets for it; the first
  // two need no shift.
  static int ShiftOf(uint64_t value) {
    const int width = value == 0 ? 0 : 64 - __builtin_clzll(value);
    return std::max(0, width - kLinearBits - 1);
  }

  static size_t BucketOf(uint64_t value) {
    const int shift = ShiftOf(value);
    return (static_cast<size_t>(shift) << kLinearBits) + (value >> shift);
  }

  static uint64_t HighestIn(size_t bucket) {
    const size_t octave = bucket >> kLinearBits;
    const size_t shift = octave > 0 ? octave - 1 : 0;
    const uint64_t lowest = (bucket - (shift << kLinearBits)) << shift;
    return lowest + ((uint64_t{1} << shift) - 1);
  }

  std::vector<uint64_t> counts_;
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace bench

#endif  // BENCH_NATIVE_LOAD_HISTOGRAM_H_
