#include "native/sys/waker.h"

#include <poll.h>

#include <cerrno>
#include <cstdint>
#include <thread>
#include <vector>

#include "native/sys/io.h"
#include "native/sys/poll.h"
#include "native/test/check.h"
#include "native/test/support.h"

// The common contract of waker_linux.cc and waker_pipe.cc; this file is linked with each.

using iomux::DrainWaker;
using iomux::OpenWaker;
using iomux::Poll;
using iomux::PollEntry;
using iomux::SignalWaker;
using iomux::UniqueFd;
using iomux::Write;
using iomux::test::IsCloseOnExec;
using iomux::test::IsNonBlocking;
using iomux::test::IsReadable;

namespace {

class Waker {
 public:
  Waker() {
    int ends[2] = {-1, -1};
    CHECK_EQ(OpenWaker(ends), 0);
    wait_end_.reset(ends[0]);
    signal_end_ = ends[1];
    if (ends[1] != ends[0]) signal_end_owner_.reset(ends[1]);
  }

  [[nodiscard]] int wait_end() const { return wait_end_.get(); }
  [[nodiscard]] int signal_end() const { return signal_end_; }

  void Signal() const { CHECK_EQ(SignalWaker(signal_end_), 0); }
  void Drain() const { CHECK_EQ(DrainWaker(wait_end()), 1); }
  void Wait() const {
    PollEntry entry = {wait_end(), POLLIN, 0};
    CHECK_EQ(Poll(&entry, 1, -1), 1);
  }

 private:
  UniqueFd wait_end_;
  UniqueFd signal_end_owner_;
  int signal_end_ = -1;
};

}  // namespace

TEST(IsSilentAtFirst) {
  const Waker waker;
  CHECK(!IsReadable(waker.wait_end()));
}

TEST(BothEndsAreNonBlockingAndCloseOnExec) {
  const Waker waker;
  for (const int end : {waker.wait_end(), waker.signal_end()}) {
    CHECK(IsNonBlocking(end));
    CHECK(IsCloseOnExec(end));
  }
}

TEST(IsReadableFromTheSignalToTheDrain) {
  const Waker waker;
  waker.Signal();
  CHECK(IsReadable(waker.wait_end()));
  CHECK(IsReadable(waker.wait_end()));
  waker.Drain();
  CHECK(!IsReadable(waker.wait_end()));
}

TEST(DrainingWhatIsSilentIsNoError) {
  const Waker waker;
  CHECK_EQ(DrainWaker(waker.wait_end()), 0);
  waker.Signal();
  CHECK(IsReadable(waker.wait_end()));
}

TEST(SignalsThatNobodyHasSeenAreOne) {
  const Waker waker;
  for (int i = 0; i < 1000; ++i) waker.Signal();
  waker.Drain();
  CHECK(!IsReadable(waker.wait_end()));
}

TEST(ASignalThatFindsTheWakerFullIsNoError) {
  const Waker waker;
  const uint64_t most = UINT64_MAX - 1;  // the limit of an eventfd, or eight bytes in a pipe
  const auto* bytes = reinterpret_cast<const uint8_t*>(&most);
  while (Write(waker.signal_end(), bytes, sizeof most) > 0) continue;
  waker.Signal();
  CHECK(IsReadable(waker.wait_end()));
  waker.Drain();
  CHECK(!IsReadable(waker.wait_end()));
}

TEST(EveryCallAnswersEbadfForAClosedDescriptor) {
  CHECK_EQ(SignalWaker(-1), -EBADF);
  CHECK_EQ(DrainWaker(-1), -EBADF);
}

TEST(ASignalAfterADrainIsNotLost) {
  // Two threads wake each other in turn: one lost wake-up stops both.
  constexpr int kRounds = 2000;
  const Waker ping;
  const Waker pong;
  int turns = 0;  // not atomic: the wakers order the accesses, which TSan checks
  std::thread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      ping.Wait();
      ping.Drain();
      ++turns;
      pong.Signal();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    ++turns;
    ping.Signal();
    pong.Wait();
    pong.Drain();
  }
  other.join();
  CHECK_EQ(turns, 2 * kRounds);
}

TEST(TheDrainTellsWhetherThereWasAnything) {
  const Waker waker;
  for (const int signals : {1, 511, 512, 513, 1024}) {
    for (int i = 0; i < signals; ++i) waker.Signal();
    CHECK_EQ(DrainWaker(waker.wait_end()), 1);
    CHECK_EQ(DrainWaker(waker.wait_end()), 0);
  }
}

TEST(ThreadsMaySignalAtOnce) {
  constexpr int kThreads = 4;
  const Waker waker;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&waker] {
      for (int n = 0; n < 1000; ++n) waker.Signal();
    });
  }
  waker.Wait();
  for (auto& thread : threads) thread.join();
  waker.Drain();
  CHECK(!IsReadable(waker.wait_end()));
}
