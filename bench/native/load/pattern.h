// The endless byte stream that every connection sends and must get back.
//
// Both directions are windows into one array, so that sending copies nothing and checking is one
// memcmp. The period is prime, so that no round message size is a multiple of it: a message that is
// lost, repeated or reordered shows. It is short, so that the array stays in the first-level cache.

#ifndef BENCH_NATIVE_LOAD_PATTERN_H_
#define BENCH_NATIVE_LOAD_PATTERN_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

namespace bench {

class Pattern {
 public:
  static constexpr size_t kPeriod = 4093;

  // `longest` is the greatest length that may be asked for in one piece.
  explicit Pattern(size_t longest) : bytes_(kPeriod + longest) {
    std::minstd_rand random;
    for (size_t i = 0; i < bytes_.size(); ++i) {
      bytes_[i] = i < kPeriod ? static_cast<uint8_t>(random() >> 8) : bytes_[i - kPeriod];
    }
  }

  [[nodiscard]] const uint8_t* At(uint64_t offset) const { return &bytes_[offset % kPeriod]; }

  [[nodiscard]] bool Matches(uint64_t offset, const uint8_t* bytes, size_t length) const {
    return std::memcmp(At(offset), bytes, length) == 0;
  }

 private:
  std::vector<uint8_t> bytes_;
};

}  // namespace bench

#endif  // BENCH_NATIVE_LOAD_PATTERN_H_
