#include "native/sys/timer.h"

#include <poll.h>
#include <time.h>

#include <cerrno>
#include <cstdint>

#include "native/sys/io.h"
#include "native/sys/poll.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::Poll;
using iomux::PollEntry;
using iomux::Read;
using iomux::TimerCreate;
using iomux::TimerSet;
using iomux::UniqueFd;
using iomux::test::DescriptorLimit;
using iomux::test::IsCloseOnExec;
using iomux::test::IsNonBlocking;
using iomux::test::IsReadable;
using iomux::test::Stopwatch;

namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kMost = INT64_MAX;

UniqueFd Open() {
  UniqueFd timer(TimerCreate());
  CHECK(timer.valid());
  return timer;
}

// How many expirations there were, or a negated errno.
int64_t Take(const UniqueFd& timer) {
  uint64_t count = 0;
  const int result = Read(timer.get(), reinterpret_cast<uint8_t*>(&count), sizeof count);
  return result < 0 ? result : static_cast<int64_t>(count);
}

void Wait(const UniqueFd& timer) {
  PollEntry entry = {timer.get(), POLLIN, 0};
  CHECK_EQ(Poll(&entry, 1, -1), 1);
}

int64_t WallNow() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

TEST(IsSilentNonBlockingAndCloseOnExec) {
  const UniqueFd timer = Open();
  CHECK(IsNonBlocking(timer.get()));
  CHECK(IsCloseOnExec(timer.get()));
  CHECK(!IsReadable(timer.get()));
  CHECK_EQ(Take(timer), -EAGAIN);
}

TEST(ExpiresOnceAndNotEarly) {
  const UniqueFd timer = Open();
  const Stopwatch stopwatch;
  CHECK_EQ(TimerSet(timer.get(), false, 5 * kMillisecond, 0), 0);
  Wait(timer);
  CHECK(stopwatch.Milliseconds() >= 5);
  CHECK_EQ(Take(timer), 1);
  CHECK_EQ(Take(timer), -EAGAIN);
}

TEST(CountsWhatNobodyHasRead) {
  const UniqueFd timer = Open();
  const Stopwatch stopwatch;
  CHECK_EQ(TimerSet(timer.get(), false, kMillisecond, kMillisecond), 0);
  while (stopwatch.Milliseconds() < 20) continue;
  CHECK(Take(timer) >= 19);
}

TEST(ExpiresAtATimeOfTheWallClock) {
  const UniqueFd timer = Open();
  const int64_t then = WallNow() + 5 * kMillisecond;
  CHECK_EQ(TimerSet(timer.get(), true, then, 0), 0);
  Wait(timer);
  CHECK(WallNow() >= then);
  CHECK_EQ(TimerSet(timer.get(), true, 1, 0), 0);
  Wait(timer);
  CHECK_EQ(Take(timer), 1);
}

TEST(ForgetsWhatHasExpiredWhenItIsSet) {
  const UniqueFd timer = Open();
  CHECK_EQ(TimerSet(timer.get(), false, 1, 1), 0);
  Wait(timer);
  CHECK_EQ(TimerSet(timer.get(), false, 0, 0), 0);
  CHECK(!IsReadable(timer.get()));
  CHECK_EQ(Take(timer), -EAGAIN);
}

TEST(TakesTheLongestTime) {
  const UniqueFd timer = Open();
  for (const bool absolute : {false, true}) {
    CHECK_EQ(TimerSet(timer.get(), absolute, kMost, kMost), 0);
    CHECK(!IsReadable(timer.get()));
  }
}

TEST(AnswersWhatTheKernelAnswers) {
  CHECK_EQ(TimerSet(-1, false, 1, 0), -EBADF);
  const UniqueFd timer = Open();
  CHECK_EQ(TimerSet(timer.get(), true, -1, 0), -EINVAL);
  const DescriptorLimit limit(3);
  CHECK_EQ(TimerCreate(), -EMFILE);
}
