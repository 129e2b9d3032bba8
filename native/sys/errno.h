#ifndef IOMUX_NATIVE_SYS_ERRNO_H_
#define IOMUX_NATIVE_SYS_ERRNO_H_

#include <cerrno>

namespace iomux {

// Every function of native/sys, native/epoll and native/kqueue answers with one number: what the
// system call returned, or the negated errno. This turns the C convention into that one.
template <typename Result>
[[nodiscard]] inline Result ResultOf(Result result) {
  return result < 0 ? static_cast<Result>(-errno) : result;
}

// Repeats a call that a signal interrupted before it did anything. Only for calls that do not take
// a timeout and may be repeated: never close(2), never connect(2).
template <typename Call>
[[nodiscard]] inline auto RetryOnInterrupt(Call call) -> decltype(call()) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return ResultOf(result);
  }
}

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_ERRNO_H_
