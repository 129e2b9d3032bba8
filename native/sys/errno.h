#ifndef IOMUX_NATIVE_SYS_ERRNO_H_
#define IOMUX_NATIVE_SYS_ERRNO_H_

#include <cerrno>

namespace iomux {

// Functions of native/sys, native/epoll and native/kqueue return one number: the result of the
// system call, or the negated errno. This converts from the convention of C.
template <typename Result>
[[nodiscard]] inline Result ResultOf(Result result) {
  return result < 0 ? static_cast<Result>(-errno) : result;
}

// Repeats a call that a signal interrupted before it did anything. Only for calls without a timeout
// that may be repeated: never close(2) or connect(2).
template <typename Call>
[[nodiscard]] inline auto RetryOnInterrupt(Call call) -> decltype(call()) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return ResultOf(result);
  }
}

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_ERRNO_H_
