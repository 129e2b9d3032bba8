#include <signal.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "native/sys/signal_listener.h"
#include "native/test/check.h"
#include "native/test/signals.h"

// A listener beside other handlers, which are still called, and restored in the end.

using iomux::test::below;
using iomux::test::calls;
using iomux::test::Count;
using iomux::test::CountAndPassOn;
using iomux::test::Current;
using iomux::test::Listener;
using iomux::test::Open;
using iomux::test::Set;
using iomux::test::StandAbove;
using iomux::test::Take;

TEST(CallsWhatWasThereAndPutsItBack) {
  Set(SIGUSR1, Count);
  calls = 0;
  Listener listener;
  CHECK(Open(listener, SIGUSR1) >= 0);
  raise(SIGUSR1);
  CHECK_EQ(calls, 1);
  CHECK_EQ(Take(listener).size(), 1U);
  listener.Close();
  CHECK(Current(SIGUSR1).sa_handler == Count);
  Set(SIGUSR1, SIG_DFL);
}

TEST(PutsBackThatItWasIgnored) {
  Set(SIGHUP, SIG_IGN);
  Listener listener;
  CHECK(Open(listener, SIGHUP) >= 0);
  raise(SIGHUP);
  CHECK_EQ(Take(listener).size(), 1U);
  listener.Close();
  CHECK(Current(SIGHUP).sa_handler == SIG_IGN);
  Set(SIGHUP, SIG_DFL);
}

TEST(WhoStandsAboveStaysAndFindsUsGone) {
  Listener listener;
  CHECK(Open(listener, SIGWINCH) >= 0);
  StandAbove(SIGWINCH);
  calls = 0;
  raise(SIGWINCH);
  CHECK_EQ(calls, 1);
  CHECK_EQ(Take(listener).size(), 1U);
  listener.Close();
  CHECK(Current(SIGWINCH).sa_sigaction == CountAndPassOn);
  raise(SIGWINCH);
  CHECK_EQ(calls, 2);
  // The handler above leaves, and puts ours back, which restores the original when it is called.
  CHECK_EQ(sigaction(SIGWINCH, &below, nullptr), 0);
  raise(SIGWINCH);
  CHECK(Current(SIGWINCH).sa_handler == SIG_DFL);
}

TEST(WhoWasThereHearsOnceWhenOursIsLeftBehind) {
  Set(SIGWINCH, Count);
  Listener listener;
  CHECK(Open(listener, SIGWINCH) >= 0);
  StandAbove(SIGWINCH);
  listener.Close();
  CHECK_EQ(sigaction(SIGWINCH, &below, nullptr), 0);
  calls = 0;
  raise(SIGWINCH);
  CHECK_EQ(calls, 1);
  CHECK(Current(SIGWINCH).sa_handler == Count);
  Set(SIGWINCH, SIG_DFL);
}

TEST(WhoWasThereHearsAllWhileListenersComeAndGo) {
  Set(SIGUSR1, Count);
  calls = 0;
  std::atomic<bool> stopped{false};
  std::atomic<int64_t> sent{0};
  std::vector<std::thread> senders;
  for (int i = 0; i < 2; ++i) {
    senders.emplace_back([&] {
      while (!stopped) {
        raise(SIGUSR1);
        ++sent;
      }
    });
  }
  for (int i = 0; i < 5000; ++i) {
    Listener listener;
    CHECK(Open(listener, SIGUSR1) >= 0);
  }
  stopped = true;
  for (auto& sender : senders) sender.join();
  CHECK_EQ(calls, sent.load());
  CHECK(Current(SIGUSR1).sa_handler == Count);
  Set(SIGUSR1, SIG_DFL);
}

TEST(HandlersThatCallEachOtherEnd) {
  Listener first;
  CHECK(Open(first, SIGWINCH) >= 0);
  StandAbove(SIGWINCH);
  first.Close();
  // Our handler is already below it, and now also above it.
  Listener second;
  CHECK(Open(second, SIGWINCH) >= 0);
  calls = 0;
  raise(SIGWINCH);
  CHECK_EQ(calls, 1);
  CHECK_EQ(Take(second).size(), 1U);
  second.Close();
  CHECK_EQ(sigaction(SIGWINCH, &below, nullptr), 0);
  raise(SIGWINCH);
  CHECK(Current(SIGWINCH).sa_handler == SIG_DFL);
}

TEST(AHandlerForOnceIsTheDefaultActionAndIsNotCalled) {
  struct sigaction action {};
  action.sa_handler = Count;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  CHECK_EQ(sigaction(SIGUSR1, &action, nullptr), 0);
  calls = 0;
  Listener listener;
  CHECK(Open(listener, SIGUSR1) >= 0);
  raise(SIGUSR1);
  CHECK_EQ(calls, 0);
  listener.Close();
  CHECK(Current(SIGUSR1).sa_handler == Count);
  Set(SIGUSR1, SIG_DFL);
}
