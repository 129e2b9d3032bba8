#include "native/sys/pidfd.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "native/sys/errno.h"

namespace iomux {
namespace {

// From <linux/pidfd.h>, which the systems that we build on may not have yet.

// The same on every architecture.
constexpr int kPidfdOpenNumber = 434;

constexpr uint64_t kExit = 1 << 3;  // PIDFD_INFO_EXIT

struct PidfdInfo {
  uint64_t mask;
  uint64_t cgroup;
  uint32_t ids[11];
  int32_t exit_status;
};
static_assert(sizeof(PidfdInfo) == 64, "PIDFD_INFO_SIZE_VER0");

constexpr auto kGetInfo = _IOWR(0xff, 11, PidfdInfo);

}  // namespace

int PidfdOpen(int pid) { return static_cast<int>(ResultOf(syscall(kPidfdOpenNumber, pid, 0))); }

int PidfdExitStatus(int fd) {
  PidfdInfo info{};
  info.mask = kExit;
  const int result = ResultOf(ioctl(fd, kGetInfo, &info));
  if (result < 0) return result;
  return (info.mask & kExit) != 0 ? info.exit_status : -ENODATA;
}

}  // namespace iomux
