#ifndef IOMUX_NATIVE_SYS_PIDFD_H_
#define IOMUX_NATIVE_SYS_PIDFD_H_

namespace iomux {

// pidfd(2), Linux 5.3.
//
// Facts about it
// - It stands for one process, whoever has its number later, and is readable when that has exited.
//   The signal to the parent comes after that.
// - It tells the status of a child, by waitid(2), until somebody has reaped it. Linux 5.3 has no
//   waitid for it (EINVAL).
// - From Linux 6.15 on it tells the status of any process once that has been reaped, not before.

// For waitid(2): P_PIDFD, which older headers lack.
inline constexpr int kPidfd = 3;

// Of a process, close-on-exec: its descriptor, or a negated errno. ENOSYS before Linux 5.3.
[[nodiscard]] int PidfdOpen(int pid);

// The wait status of a process that has been reaped: -ENODATA for one that has not, and other
// errors where the kernel is older.
[[nodiscard]] int PidfdExitStatus(int fd);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_PIDFD_H_
