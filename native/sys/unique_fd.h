#ifndef IOMUX_NATIVE_SYS_UNIQUE_FD_H_
#define IOMUX_NATIVE_SYS_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace iomux {

// Owns a descriptor and closes it once. close(2) is not repeated after EINTR: on Linux and FreeBSD
// the descriptor is closed by then, and its number may already be in use again.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    const int old = std::exchange(fd_, fd);
    if (old >= 0) ::close(old);
  }

 private:
  int fd_ = -1;
};

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_UNIQUE_FD_H_
