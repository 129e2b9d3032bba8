#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "native/sys/signal_listener.h"
#include "native/test/check.h"
#include "native/test/signals.h"
#include "native/test/support.h"

using iomux::kSenderKnown;
using iomux::kValueKnown;
using iomux::SignalRecord;
using iomux::test::Current;
using iomux::test::IsReadable;
using iomux::test::Listener;
using iomux::test::Open;
using iomux::test::Take;

namespace {

// ThreadSanitizer delays a handler until the thread blocks.
void WaitFor(int fd) {
  pollfd entry = {fd, POLLIN, 0};
  while (poll(&entry, 1, -1) < 0 && errno == EINTR) continue;
}

// How many signals there are in the records that can be taken now.
int64_t CountAll(Listener& listener, int number) {
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

}  // namespace

TEST(TellsWhoSentIt) {
  Listener listener;
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
  Listener listener;
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
  Listener one;
  Listener other;
  Listener third;
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
  Listener listener;
  CHECK(Open(listener, SIGUSR1) >= 0);
  errno = ENOTTY;
  for (int i = 0; i < 5000; ++i) raise(SIGUSR1);
  CHECK_EQ(errno, ENOTTY);
}

TEST(WhatThereIsNoRoomForIsCounted) {
  constexpr int kTimes = 100000;
  Listener listener;
  const int fd = Open(listener, SIGUSR1);
  for (int i = 0; i < kTimes; ++i) raise(SIGUSR1);
  CHECK(IsReadable(fd));
  CHECK_EQ(CountAll(listener, SIGUSR1), kTimes);
}

TEST(ANumberWithoutRoomIsToldAllTheSame) {
  Listener listener;
  const int32_t numbers[] = {SIGUSR1, SIGUSR2};
  CHECK(listener.Open(numbers, 2, nullptr) >= 0);
  for (int i = 0; i < 10000; ++i) raise(SIGUSR1);
  raise(SIGUSR2);
  // Reported by the first Take, although there is more in the pipe.
  const auto records = Take(listener);
  int others = 0;
  for (const auto& record : records) others += record.number == SIGUSR2 ? 1 : 0;
  CHECK_EQ(others, 1);
  CHECK_EQ(records.back().known, 0);
}

TEST(ASignalThatTheSystemRefusesLeavesNothingBehind) {
  Listener listener;
  const int32_t numbers[] = {SIGUSR1, SIGKILL};
  CHECK_EQ(listener.Open(numbers, 2, nullptr), -EINVAL);
  CHECK(Current(SIGUSR1).sa_handler == SIG_DFL);
}

TEST(AProcessThatWasForkedIsHeardByNobody) {
  Listener listener;
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
  Listener always;
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
    auto listener = std::make_unique<Listener>();
    CHECK(Open(*listener, SIGUSR1) >= 0);
    // A pipe that gets the same descriptors must not receive records for the listener.
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
  Listener listener;
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
