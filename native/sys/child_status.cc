#include "native/sys/child_status.h"

#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>

#include "native/sys/errno.h"

namespace iomux {
namespace {

constexpr int kDumped = 0x80;

int WaitStatus(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) return (info.si_status & 0xff) << 8;
  return info.si_code == CLD_DUMPED ? info.si_status | kDumped : info.si_status;
}

}  // namespace

int ChildStatus(int type, int id) {
  siginfo_t info{};
  const int result = RetryOnInterrupt([&] {
    return waitid(static_cast<idtype_t>(type), static_cast<id_t>(id), &info,
                  WEXITED | WNOWAIT | WNOHANG);
  });
  if (result < 0) return result;
  return info.si_pid == 0 ? -EAGAIN : WaitStatus(info);
}

}  // namespace iomux
