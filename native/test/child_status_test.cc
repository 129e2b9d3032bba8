#include "native/sys/child_status.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "native/test/check.h"

using iomux::ChildStatus;

namespace {

// A child that ends by calling `end`.
template <typename End>
pid_t Fork(End end) {
  const pid_t child = fork();
  if (child == 0) {
    end();
    _exit(1);
  }
  return child;
}

int Await(pid_t child) {
  for (;;) {
    const int status = ChildStatus(P_PID, child);
    if (status != -EAGAIN) return status;
  }
}

int Reap(pid_t child) {
  int status = 0;
  CHECK_EQ(waitpid(child, &status, 0), child);
  return status;
}

}  // namespace

TEST(IsThatOfWaitWhichIsLeftToItsOwner) {
  for (const int code : {0, 1, 7, 255}) {
    const pid_t child = Fork([code] { _exit(code); });
    const int status = Await(child);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), code);
    CHECK_EQ(ChildStatus(P_PID, child), status);
    CHECK_EQ(Reap(child), status);
  }
  for (const int signal : {SIGKILL, SIGTERM, SIGUSR1}) {
    const pid_t child = Fork([signal] { kill(getpid(), signal); });
    const int status = Await(child);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), signal);
    CHECK_EQ(Reap(child), status);
  }
}

TEST(IsNoneWhileItRuns) {
  const pid_t child = Fork([] { pause(); });
  CHECK_EQ(ChildStatus(P_PID, child), -EAGAIN);
  kill(child, SIGKILL);
  Reap(child);
}

TEST(IsNoneOfWhatIsNoChildOrWasReaped) {
  CHECK_EQ(ChildStatus(P_PID, getpid()), -ECHILD);
  const pid_t child = Fork([] { _exit(0); });
  Reap(child);
  CHECK_EQ(ChildStatus(P_PID, child), -ECHILD);
}
