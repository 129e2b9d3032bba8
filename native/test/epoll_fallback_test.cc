#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "native/epoll/epoll.h"
#include "native/test/check.h"
#include "native/test/support.h"

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

// EpollWait without epoll_pwait2(2): a filter refuses it, like an older kernel (ENOSYS) or a
// sandbox (EPERM). A filter cannot be removed, so each case has a process of its own.

using iomux::Event;
using iomux::UniqueFd;
using iomux::test::Stopwatch;

namespace {

bool RefuseWaitInNanoseconds(uint32_t error) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_epoll_pwait2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof code / sizeof code[0], code};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// The exit code of a process that waits without epoll_pwait2.
int WaitInMilliseconds(uint32_t error) {
  enum : int { kFine, kNoFilter, kNotRefused, kNotTold, kTooEarly, kNoEvent };
  if (!RefuseWaitInNanoseconds(error)) return kNoFilter;
  const UniqueFd epoll(iomux::EpollCreate());
  if (syscall(SYS_epoll_pwait2, epoll.get(), nullptr, 0, nullptr, nullptr, size_t{0}) != -1 ||
      errno != static_cast<int>(error)) {
    return kNotRefused;
  }
  if (iomux::CheckEpollPwait2(epoll.get()) != -static_cast<int>(error)) return kNotTold;
  Event event{};
  for (const double milliseconds : {0.2, 2.5}) {
    const Stopwatch stopwatch;
    const int count = iomux::EpollWait(epoll.get(), &event, 1, milliseconds);
    if (count != 0 || stopwatch.Milliseconds() < milliseconds) return kTooEarly;
  }
  const iomux::test::Ends pipe = iomux::test::OpenPipe();
  if (iomux::EpollControl(epoll.get(), EPOLL_CTL_ADD, pipe.writer.get(), EPOLLOUT, 9) != 0) {
    return kNoEvent;
  }
  const int count = iomux::EpollWait(epoll.get(), &event, 1, 1e6);
  return count == 1 && event.slot == 9 ? kFine : kNoEvent;
}

int ExitCodeOfChild(uint32_t error) {
  const pid_t child = fork();
  if (child == 0) _exit(WaitInMilliseconds(error));
  int status = 0;
  CHECK_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST(WaitsInMillisecondsWhereTheKernelLacksTheCall) { CHECK_EQ(ExitCodeOfChild(ENOSYS), 0); }

TEST(WaitsInMillisecondsWhereASandboxRefusesTheCall) { CHECK_EQ(ExitCodeOfChild(EPERM), 0); }
