#ifndef IOMUX_NATIVE_SYS_PIDFD_H_
#define IOMUX_NATIVE_SYS_PIDFD_H_

namespace iomux {

// pidfd(2), Linux 5.3.
//
// Facts
// - A pidfd refers to one process, even if its pid is reused, and is readable once the process has
//   exited. The parent's SIGCHLD comes after that.
// - With waitid(2) it reports the status of a child until the child is reaped. Linux 5.3 cannot do
//   that yet (EINVAL).
// - Since Linux 6.15 it reports the status of any process after it was reaped.

// P_PIDFD of waitid(2), which older headers lack.
inline constexpr int kPidfd = 3;

// A close-on-exec descriptor of a process, or a negated errno. -ENOSYS before Linux 5.3.
[[nodiscard]] int PidfdOpen(int pid);

// The wait status of a process that has been reaped. -ENODATA if it has not; other errors on older
// kernels.
[[nodiscard]] int PidfdExitStatus(int fd);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_PIDFD_H_
