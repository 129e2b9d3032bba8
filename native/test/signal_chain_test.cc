#include <sched.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "native/sys/dispositions.h"
#include "native/test/check.h"
#include "native/test/signals.h"

// A call that runs late: the kernel has chosen our handler, and dispositions change before it calls
// the others.

using iomux::CallOthers;
using iomux::EnterChain;
using iomux::HoldSignal;
using iomux::LeaveChain;
using iomux::ReleaseSignal;
using iomux::test::calls;
using iomux::test::Count;
using iomux::test::CountOther;
using iomux::test::Current;
using iomux::test::other_calls;
using iomux::test::Set;

namespace {

std::atomic<bool> begun{false};
std::atomic<bool> may_go_on{true};

void Handle(int number, siginfo_t* info, void* context) {
  int place;
  if (!EnterChain(info, &place)) return;
  begun = true;
  while (!may_go_on) sched_yield();
  CallOthers(number, info, context);
  LeaveChain(place);
}

// A signal whose handler has begun, and waits until it may go on.
class Late {
 public:
  explicit Late(int number) {
    begun = may_go_on = false;
    thread_ = std::thread([number] { raise(number); });
    while (!begun) sched_yield();
  }
  void GoOn() {
    may_go_on = true;
    thread_.join();
  }

 private:
  std::thread thread_;
};

}  // namespace

TEST(CallsWhoWasThereWhenTheLastOneHasGone) {
  Set(SIGUSR1, Count);
  CHECK_EQ(HoldSignal(SIGUSR1, Handle, nullptr), 0);
  calls = 0;
  Late late(SIGUSR1);
  ReleaseSignal(SIGUSR1, nullptr);
  CHECK(Current(SIGUSR1).sa_handler == Count);
  late.GoOn();
  CHECK_EQ(calls, 1);
  CHECK(Current(SIGUSR1).sa_handler == Count);
}

TEST(CallsWhoWasThereWhenTheNextOneHasCome) {
  Set(SIGUSR1, Count);
  CHECK_EQ(HoldSignal(SIGUSR1, Handle, nullptr), 0);
  calls = 0;
  Late late(SIGUSR1);
  ReleaseSignal(SIGUSR1, nullptr);
  CHECK_EQ(HoldSignal(SIGUSR1, Handle, nullptr), 0);
  late.GoOn();
  CHECK_EQ(calls, 1);
  ReleaseSignal(SIGUSR1, nullptr);
  CHECK(Current(SIGUSR1).sa_handler == Count);
}

TEST(CallsWhoWasThereAlsoWhenOursHadBeenLeftBehind) {
  Set(SIGWINCH, Count);
  CHECK_EQ(HoldSignal(SIGWINCH, Handle, nullptr), 0);
  const struct sigaction ours = Current(SIGWINCH);
  Set(SIGWINCH, CountOther);
  ReleaseSignal(SIGWINCH, nullptr);
  CHECK_EQ(sigaction(SIGWINCH, &ours, nullptr), 0);
  raise(SIGWINCH);
  CHECK(Current(SIGWINCH).sa_handler == Count);

  CHECK_EQ(HoldSignal(SIGWINCH, Handle, nullptr), 0);
  calls = 0;
  Late late(SIGWINCH);
  ReleaseSignal(SIGWINCH, nullptr);
  late.GoOn();
  CHECK_EQ(calls, 1);
  CHECK(Current(SIGWINCH).sa_handler == Count);
}

TEST(WhoWasThereAnEarlierTimeIsNotCalled) {
  for (const auto handler : {Count, CountOther, SIG_DFL}) {
    Set(SIGUSR2, handler);
    CHECK_EQ(HoldSignal(SIGUSR2, Handle, nullptr), 0);
    calls = other_calls = 0;
    raise(SIGUSR2);
    CHECK_EQ(calls, handler == Count ? 1 : 0);
    CHECK_EQ(other_calls, handler == CountOther ? 1 : 0);
    ReleaseSignal(SIGUSR2, nullptr);
    CHECK(Current(SIGUSR2).sa_handler == handler);
  }
}
