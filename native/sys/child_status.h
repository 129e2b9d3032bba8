#ifndef IOMUX_NATIVE_SYS_CHILD_STATUS_H_
#define IOMUX_NATIVE_SYS_CHILD_STATUS_H_

namespace iomux {

// The wait status (wait(2)) of a child that has exited, without reaping it. -EAGAIN while it runs,
// -ECHILD if it is not our child or was reaped. `type` says what `id` is: P_PID, or P_PIDFD on
// Linux.
[[nodiscard]] int ChildStatus(int type, int id);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_CHILD_STATUS_H_
