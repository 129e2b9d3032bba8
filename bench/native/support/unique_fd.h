// A file descriptor with one owner.

#ifndef BENCH_NATIVE_SUPPORT_UNIQUE_FD_H_
#define BENCH_NATIVE_SUPPORT_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace bench {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() {
    // The result is of no use: Linux frees the number even where close(2) reports an error.
    if (fd_ >= 0) static_cast<void>(close(fd_));
  }

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_UNIQUE_FD_H_
