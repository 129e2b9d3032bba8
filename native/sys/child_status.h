#ifndef IOMUX_NATIVE_SYS_CHILD_STATUS_H_
#define IOMUX_NATIVE_SYS_CHILD_STATUS_H_

namespace iomux {

// The wait status, as wait(2) has it, of a child that has exited, which is left for its owner to
// reap: -EAGAIN while it runs, -ECHILD for what is no child or has been reaped. `type` says what
// `id` is: P_PID, or P_PIDFD on Linux.
[[nodiscard]] int ChildStatus(int type, int id);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_CHILD_STATUS_H_
