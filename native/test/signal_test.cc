#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "native/sys/io.h"
#include "native/sys/signal_listener.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::kSenderKnown;
using iomux::kSignals;
using iomux::kValueKnown;
using iomux::SignalKeeper;
using iomux::SignalListener;
using iomux::SignalRecord;
using iomux::test::IsReadable;

namespace {

constexpr int kCapacity = kSignals + 127;

std::vector<SignalRecord> Take(SignalListener& listener) {
  std::vector<SignalRecord> records(kCapacity);
  const int count = listener.Take(records.data(), kCapacity);
  records.resize(count < 0 ? 0 : static_cast<size_t>(count));
  return records;
}

// ThreadSanitizer runs a handler when the thread blocks next.
void WaitFor(int fd) {
  pollfd entry = {fd, POLLIN, 0};
  while (poll(&entry, 1, -1) < 0 && errno == EINTR) continue;
}

// How many signals the records stand for that can be taken now.
int64_t CountAll(SignalListener& listener, int number) {
  int64_t count = 0;
  for (;;) {
    const auto records = Take(listener);
    if (records.empty()) return count;
    for (const auto& record : records) {
      CHECK_EQ(record.number, number);
      count += record.count;
    }
  }
}

int Open(SignalListener& listener, int number, SignalKeeper* keeper = nullptr) {
  const int32_t numbers[] = {number};
  return listener.Open(numbers, 1, keeper);
}

struct sigaction Current(int number) {
  struct sigaction action {};
  CHECK_EQ(sigaction(number, nullptr, &action), 0);
  return action;
}

void Set(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  CHECK_EQ(sigaction(number, &action, nullptr), 0);
}

std::atomic<int> calls{0};
void Count(int) { ++calls; }

// Stands above whatever there is, and calls it.
struct sigaction below;
void CountAndPassOn(int number, siginfo_t* info, void* context) {
  ++calls;
  if (below.sa_handler != SIG_DFL && below.sa_handler != SIG_IGN) {
    below.sa_sigaction(number, info, context);
  }
}
void StandAbove(int number) {
  struct sigaction action {};
  action.sa_sigaction = CountAndPassOn;
  action.sa_flags = SA_SIGINFO;
  CHECK_EQ(sigaction(number, &action, &below), 0);
}

// As libuv does it: one handler, installed for the first user, and the default after the last.
class Keeper : public SignalKeeper {
 public:
  int Keep(int number) override {
    if (users_++ == 0) Set(number, Count);
    return 0;
  }
  void LetGo(int number) override {
    if (--users_ == 0) Set(number, SIG_DFL);
  }

 private:
  int users_ = 0;
};

}  // namespace

TEST(TellsWhoSentIt) {
  SignalListener listener;
  const int fd = Open(listener, SIGUSR1);
  CHECK(fd >= 0);
  CHECK(!IsReadable(fd));
  CHECK_EQ(kill(getpid(), SIGUSR1), 0);
  CHECK(IsReadable(fd));
  const auto records = Take(listener);
  CHECK_EQ(records.size(), 1U);
  CHECK_EQ(records[0].number, SIGUSR1);
  CHECK_EQ(records[0].count, 1);
  CHECK_EQ(records[0].known, kSenderKnown);
  CHECK_EQ(records[0].pid, getpid());
  CHECK_EQ(records[0].uid, static_cast<int32_t>(getuid()));
  CHECK(!IsReadable(fd));
}

#if defined(_POSIX_REALTIME_SIGNALS) && _POSIX_REALTIME_SIGNALS > 0

TEST(TellsTheValueThatCameAlong) {
  SignalListener listener;
  const int fd = Open(listener, SIGRTMIN + 1);
  for (const int value : {7, -7}) {
    sigval given{};
    given.sival_int = value;
    CHECK_EQ(sigqueue(getpid(), SIGRTMIN + 1, given), 0);
    WaitFor(fd);
    const auto records = Take(listener);
    CHECK_EQ(records.size(), 1U);
    CHECK_EQ(records[0].known, kSenderKnown | kValueKnown);
    CHECK_EQ(records[0].value, value);
  }
}

#endif

TEST(EverybodyWhoListensHearsIt) {
  SignalListener one;
  SignalListener other;
  SignalListener third;
  CHECK(Open(one, SIGUSR1) >= 0);
  CHECK(Open(other, SIGUSR1) >= 0);
  CHECK(Open(third, SIGUSR2) >= 0);
  raise(SIGUSR1);
  CHECK_EQ(Take(one).size(), 1U);
  CHECK_EQ(Take(other).size(), 1U);
  CHECK_EQ(Take(third).size(), 0U);
  one.Close();
  raise(SIGUSR1);
  CHECK_EQ(Take(other).size(), 1U);
}

TEST(LeavesErrnoAlone) {
  SignalListener listener;
  CHECK(Open(listener, SIGUSR1) >= 0);
  errno = ENOTTY;
  for (int i = 0; i < 5000; ++i) raise(SIGUSR1);
  CHECK_EQ(errno, ENOTTY);
}

TEST(CallsWhatWasThereAndPutsItBack) {
  Set(SIGUSR1, Count);
  calls = 0;
  SignalListener listener;
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
  Keeper keeper;
  SignalListener listener;
  CHECK(Open(listener, SIGHUP, &keeper) >= 0);
  raise(SIGHUP);
  CHECK_EQ(Take(listener).size(), 1U);
  listener.Close();
  CHECK(Current(SIGHUP).sa_handler == SIG_IGN);
  Set(SIGHUP, SIG_DFL);
}

TEST(AnotherUserOfTheKeeperMayComeAndGo) {
  Keeper keeper;
  SignalListener listener;
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
  SignalListener listener;
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

TEST(AUserOfTheKeeperThatWentFirstIsNotPutBack) {
  Keeper keeper;
  CHECK_EQ(keeper.Keep(SIGUSR1), 0);
  SignalListener listener;
  CHECK(Open(listener, SIGUSR1, &keeper) >= 0);
  keeper.LetGo(SIGUSR1);
  listener.Close();
  CHECK(Current(SIGUSR1).sa_handler == SIG_DFL);
}

TEST(WhoStandsAboveStaysAndFindsUsGone) {
  SignalListener listener;
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
  // It goes, and leaves ours behind, which gives the signal back when it is called.
  CHECK_EQ(sigaction(SIGWINCH, &below, nullptr), 0);
  raise(SIGWINCH);
  CHECK(Current(SIGWINCH).sa_handler == SIG_DFL);
}

TEST(HandlersThatCallEachOtherEnd) {
  SignalListener first;
  CHECK(Open(first, SIGWINCH) >= 0);
  StandAbove(SIGWINCH);
  first.Close();
  // Below it already, and now above it too.
  SignalListener second;
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
  SignalListener listener;
  CHECK(Open(listener, SIGUSR1) >= 0);
  raise(SIGUSR1);
  CHECK_EQ(calls, 0);
  listener.Close();
  CHECK(Current(SIGUSR1).sa_handler == Count);
  Set(SIGUSR1, SIG_DFL);
}

TEST(WhatThereIsNoRoomForIsCounted) {
  constexpr int kTimes = 100000;
  SignalListener listener;
  const int fd = Open(listener, SIGUSR1);
  for (int i = 0; i < kTimes; ++i) raise(SIGUSR1);
  CHECK(IsReadable(fd));
  CHECK_EQ(CountAll(listener, SIGUSR1), kTimes);
}

TEST(ANumberWithoutRoomIsToldAllTheSame) {
  SignalListener listener;
  const int32_t numbers[] = {SIGUSR1, SIGUSR2};
  CHECK(listener.Open(numbers, 2, nullptr) >= 0);
  for (int i = 0; i < 10000; ++i) raise(SIGUSR1);
  raise(SIGUSR2);
  // With the first that is taken, although there is more in the pipe.
  const auto records = Take(listener);
  int others = 0;
  for (const auto& record : records) others += record.number == SIGUSR2 ? 1 : 0;
  CHECK_EQ(others, 1);
  CHECK_EQ(records.back().known, 0);
}

TEST(ASignalThatTheSystemRefusesLeavesNothingBehind) {
  SignalListener listener;
  const int32_t numbers[] = {SIGUSR1, SIGKILL};
  CHECK_EQ(listener.Open(numbers, 2, nullptr), -EINVAL);
  CHECK(Current(SIGUSR1).sa_handler == SIG_DFL);
}

TEST(AProcessThatWasForkedIsHeardByNobody) {
  SignalListener listener;
  const int fd = Open(listener, SIGUSR1);
  const pid_t child = fork();
  if (child == 0) {
    raise(SIGUSR1);
    _exit(IsReadable(fd) ? 1 : 0);
  }
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
  CHECK(!IsReadable(fd));
}

TEST(ListenersComeAndGoWhileSignalsDo) {
  SignalListener always;
  const int fd = Open(always, SIGUSR1);
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
  int64_t heard = 0;
  for (int i = 0; i < 300; ++i) {
    auto listener = std::make_unique<SignalListener>();
    CHECK(Open(*listener, SIGUSR1) >= 0);
    // A descriptor that is used again at once must not get what was for the listener.
    listener.reset();
    iomux::test::Ends ends = iomux::test::OpenPipe();
    for (int n = 0; n < 10; ++n) CHECK(!IsReadable(ends.reader.get()));
    heard += CountAll(always, SIGUSR1);
  }
  stopped = true;
  for (auto& sender : senders) sender.join();
  heard += CountAll(always, SIGUSR1);
  CHECK_EQ(heard, sent.load());
  CHECK(!IsReadable(fd));
}

TEST(NoWakeUpIsLostWhenThePipeIsFull) {
  constexpr int kTimes = 50000;
  SignalListener listener;
  const int fd = Open(listener, SIGUSR1);
  std::thread sender([] {
    for (int i = 0; i < kTimes; ++i) raise(SIGUSR1);
  });
  int64_t heard = 0;
  while (heard < kTimes) {
    WaitFor(fd);
    heard += CountAll(listener, SIGUSR1);
  }
  sender.join();
  CHECK_EQ(heard, kTimes);
}
