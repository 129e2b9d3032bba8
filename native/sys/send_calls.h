#ifndef IOMUX_NATIVE_SYS_SEND_CALLS_H_
#define IOMUX_NATIVE_SYS_SEND_CALLS_H_

#include <sys/socket.h>
#if __has_include(<sys/syscall.h>)
#include <sys/syscall.h>
#endif
#include <unistd.h>

// sendmsg(2) and sendmmsg(2). On Linux they are the system calls themselves, because musl's
// functions copy a message to clear the padding of its structures, which the kernel reads as part
// of their lengths: sendmmsg calls sendmsg for each message, and sendmsg fails with ENOMEM if there
// is more than 1 KiB of control messages. So callers must clear the padding: `msghdr message{}`,
// and the same for each cmsghdr.
namespace iomux {

#ifdef SYS_sendmmsg  // Linux has it; FreeBSD has a function only

inline ssize_t CallSendmsg(int fd, const msghdr* message, int flags) {
  return syscall(SYS_sendmsg, fd, message, flags);
}

inline ssize_t CallSendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  return syscall(SYS_sendmmsg, fd, messages, count, flags);
}

#else

inline ssize_t CallSendmsg(int fd, const msghdr* message, int flags) {
  return sendmsg(fd, message, flags);
}

#ifdef MSG_WAITFORONE
inline ssize_t CallSendmmsg(int fd, mmsghdr* messages, unsigned count, int flags) {
  return sendmmsg(fd, messages, count, flags);
}
#endif

#endif

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_SEND_CALLS_H_
