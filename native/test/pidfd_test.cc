#include "native/sys/pidfd.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "native/sys/child_status.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::ChildStatus;
using iomux::kPidfd;
using iomux::PidfdExitStatus;
using iomux::PidfdOpen;
using iomux::UniqueFd;
using iomux::test::IsCloseOnExec;
using iomux::test::IsReadable;

TEST(IsReadableWhenTheProcessHasExited) {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  const UniqueFd fd(PidfdOpen(child));
  CHECK(fd.valid());
  CHECK(IsCloseOnExec(fd.get()));
  CHECK(!IsReadable(fd.get()));
  CHECK_EQ(ChildStatus(kPidfd, fd.get()), -EAGAIN);
  kill(child, SIGKILL);
  while (ChildStatus(kPidfd, fd.get()) == -EAGAIN) continue;
  CHECK(IsReadable(fd.get()));
  CHECK_EQ(ChildStatus(kPidfd, fd.get()), SIGKILL);
  CHECK(PidfdExitStatus(fd.get()) < 0);
  CHECK_EQ(waitpid(child, nullptr, 0), child);
  CHECK(IsReadable(fd.get()));
  CHECK_EQ(ChildStatus(kPidfd, fd.get()), -ECHILD);
  // Known only since Linux 6.15.
  const int status = PidfdExitStatus(fd.get());
  CHECK(status == SIGKILL || status < 0);
  CHECK_EQ(PidfdOpen(child), -ESRCH);
}

TEST(AnswersWhatTheKernelAnswers) {
  CHECK_EQ(PidfdOpen(0), -EINVAL);
  CHECK_EQ(PidfdExitStatus(-1), -EBADF);
  CHECK_EQ(ChildStatus(kPidfd, -1), -EINVAL);
}
