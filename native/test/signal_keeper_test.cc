#include <signal.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>

#include "native/sys/signal_listener.h"
#include "native/test/check.h"
#include "native/test/signals.h"

// A listener beside a SignalKeeper, which handles the same signals for users of its own.

using iomux::SignalKeeper;
using iomux::test::calls;
using iomux::test::Count;
using iomux::test::CountAndPassOn;
using iomux::test::CountOther;
using iomux::test::Current;
using iomux::test::Listener;
using iomux::test::NotRun;
using iomux::test::Open;
using iomux::test::other_calls;
using iomux::test::Set;
using iomux::test::StandAbove;
using iomux::test::Take;

namespace {

#if defined(__has_feature)
constexpr bool kThreadSanitizer = __has_feature(thread_sanitizer);
#elif defined(__SANITIZE_THREAD__)
constexpr bool kThreadSanitizer = true;
#else
constexpr bool kThreadSanitizer = false;
#endif

// Like libuv: installs one handler for the first user, and the default after the last.
class Keeper : public SignalKeeper {
 public:
  int Keep(int number) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (users_++ == 0) Set(number, Count);
    return 0;
  }
  void LetGo(int number) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--users_ == 0) Set(number, SIG_DFL);
  }
  int Users() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return users_;
  }

 private:
  std::mutex mutex_;
  int users_ = 0;
};

}  // namespace

TEST(WhatWasIgnoredIsSoAlsoWhileTheListenerCloses) {
  Set(SIGXFSZ, SIG_IGN);
  Keeper keeper;
  calls = 0;
  for (int i = 0; i < 3; ++i) {
    Listener listener;
    CHECK(Open(listener, SIGXFSZ, &keeper) >= 0);
    raise(SIGXFSZ);
    CHECK_EQ(Take(listener).size(), 1U);
    listener.Close();
    // The user that remains keeps it from setting the default.
    CHECK_EQ(keeper.Users(), 1);
    raise(SIGXFSZ);
  }
  CHECK_EQ(calls, 6);
}

TEST(WhoHandledItBeforeTheKeeperHearsItAlsoWhileTheListenerCloses) {
  Set(SIGURG, CountOther);
  Keeper keeper;
  other_calls = 0;
  for (int i = 0; i < 3; ++i) {
    Listener listener;
    CHECK(Open(listener, SIGURG, &keeper) >= 0);
    raise(SIGURG);
    listener.Close();
    CHECK_EQ(keeper.Users(), 1);
    raise(SIGURG);
  }
  CHECK_EQ(other_calls, 6);
}

TEST(WhoStandsAboveTheKeeperStaysWhenThatGoes) {
  Keeper keeper;
  Listener listener;
  CHECK(Open(listener, SIGPROF, &keeper) >= 0);
  StandAbove(SIGPROF);
  listener.Close();
  CHECK_EQ(keeper.Users(), 0);
  CHECK(Current(SIGPROF).sa_sigaction == CountAndPassOn);
  Set(SIGPROF, SIG_DFL);
}

TEST(AnotherUserOfTheKeeperMayComeAndGo) {
  Keeper keeper;
  Listener listener;
  CHECK(Open(listener, SIGUSR1, &keeper) >= 0);
  CHECK_EQ(keeper.Keep(SIGUSR1), 0);
  calls = 0;
  raise(SIGUSR1);
  CHECK_EQ(calls, 1);
  keeper.LetGo(SIGUSR1);
  raise(SIGUSR1);
  CHECK_EQ(Take(listener).size(), 2U);
  listener.Close();
  CHECK(Current(SIGUSR1).sa_handler == SIG_DFL);
}

TEST(AnotherUserOfTheKeeperMayHaveBeenThereAndStay) {
  Keeper keeper;
  CHECK_EQ(keeper.Keep(SIGUSR1), 0);
  Listener listener;
  CHECK(Open(listener, SIGUSR1, &keeper) >= 0);
  calls = 0;
  raise(SIGUSR1);
  CHECK_EQ(calls, 1);
  listener.Close();
  raise(SIGUSR1);
  CHECK_EQ(calls, 2);
  keeper.LetGo(SIGUSR1);
  CHECK(Current(SIGUSR1).sa_handler == SIG_DFL);
}

TEST(AnotherUserOfTheKeeperHearsAllWhileListenersComeAndGo) {
  // sigaction_impl of tsan_interceptors_posix.cpp copies byte by byte, so that another thread may
  // read half an address. The kernel's sigaction is atomic.
  if (kThreadSanitizer) return NotRun("ThreadSanitizer's sigaction is not atomic");
  Keeper keeper;
  std::atomic<bool> stopped{false};
  std::thread listeners([&] {
    while (!stopped) {
      Listener listener;
      CHECK(Open(listener, SIGWINCH, &keeper) >= 0);
    }
  });
  int lost = 0;
  for (int i = 0; i < 20000; ++i) {
    CHECK_EQ(keeper.Keep(SIGWINCH), 0);
    const int64_t before = calls;
    raise(SIGWINCH);
    if (calls != before + 1) ++lost;
    keeper.LetGo(SIGWINCH);
  }
  stopped = true;
  listeners.join();
  CHECK_EQ(lost, 0);
  CHECK(Current(SIGWINCH).sa_handler == SIG_DFL);
}

TEST(AUserOfTheKeeperThatWentFirstIsNotPutBack) {
  Keeper keeper;
  CHECK_EQ(keeper.Keep(SIGUSR1), 0);
  Listener listener;
  CHECK(Open(listener, SIGUSR1, &keeper) >= 0);
  keeper.LetGo(SIGUSR1);
  listener.Close();
  CHECK(Current(SIGUSR1).sa_handler == SIG_DFL);
}

TEST(IsNotKeptWhereAHandlerForOnceWas) {
  struct sigaction action {};
  action.sa_handler = Count;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  CHECK_EQ(sigaction(SIGUSR1, &action, nullptr), 0);
  Keeper keeper;
  Listener listener;
  CHECK(Open(listener, SIGUSR1, &keeper) >= 0);
  listener.Close();
  CHECK_EQ(keeper.Users(), 0);
  CHECK(Current(SIGUSR1).sa_handler == Count);
  Set(SIGUSR1, SIG_DFL);
}
