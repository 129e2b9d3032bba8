#include "native/sys/shared_wakers.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <thread>
#include <vector>

#include "native/sys/waker.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::DrainWaker;
using iomux::OpenWaker;
using iomux::RetractWaker;
using iomux::ShareWaker;
using iomux::SignalSharedWaker;
using iomux::test::Ends;
using iomux::test::IsReadable;
using iomux::test::OpenPipe;

namespace {

struct Shared {
  int ends[2] = {-1, -1};
  int64_t serial = 0;

  Shared() {
    CHECK_EQ(OpenWaker(ends), 0);
    serial = ShareWaker(ends[1]);
  }
  void Close() const {
    RetractWaker(ends[1]);
    close(ends[0]);
    if (ends[1] != ends[0]) close(ends[1]);
  }
};

}  // namespace

TEST(IsSignalledByItsSerial) {
  const Shared waker;
  CHECK(waker.serial > 0);
  CHECK(waker.serial < (int64_t{1} << 53));
  CHECK_EQ(SignalSharedWaker(waker.ends[1], waker.serial), 1);
  CHECK(IsReadable(waker.ends[0]));
  CHECK_EQ(DrainWaker(waker.ends[0]), 1);
  waker.Close();
}

TEST(NothingElseIsTouched) {
  const Shared waker;
  CHECK_EQ(SignalSharedWaker(waker.ends[1], waker.serial + 1), 0);
  CHECK_EQ(SignalSharedWaker(waker.ends[1], 0), 0);
  // The table has entries for numbers that were never shared, between those that were.
  int other[2];
  CHECK_EQ(iomux::OpenWaker(other), 0);
  CHECK_EQ(SignalSharedWaker(other[1], 0), 0);
  CHECK(!IsReadable(other[0]));
  close(other[0]);
  if (other[1] != other[0]) close(other[1]);
  CHECK_EQ(SignalSharedWaker(-1, waker.serial), 0);
  CHECK_EQ(SignalSharedWaker(INT32_MAX, waker.serial), 0);
  CHECK(!IsReadable(waker.ends[0]));
  waker.Close();
}

TEST(ASerialIsNeverUsedAgain) {
  const Shared first;
  first.Close();
  const Shared second;
  CHECK_EQ(first.ends[1], second.ends[1]);
  CHECK(first.serial != second.serial);
  CHECK_EQ(SignalSharedWaker(first.ends[1], first.serial), 0);
  CHECK(!IsReadable(second.ends[0]));
  second.Close();
}

TEST(WhoeverHasTheNumberNextIsNotWrittenTo) {
  const Ends pipe = OpenPipe();
  std::atomic<bool> stopped{false};
  std::atomic<int> end{-1};
  std::atomic<int64_t> serial{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stopped) CHECK(SignalSharedWaker(end, serial) >= 0);
    });
  }
  for (int round = 0; round < 2000; ++round) {
    const Shared waker;
    end = waker.ends[1];
    serial = waker.serial;
    CHECK_EQ(SignalSharedWaker(waker.ends[1], waker.serial), 1);
    waker.Close();
    CHECK_EQ(dup2(pipe.writer.get(), waker.ends[1]), waker.ends[1]);
    CHECK_EQ(SignalSharedWaker(waker.ends[1], waker.serial), 0);
    close(waker.ends[1]);
  }
  stopped = true;
  for (auto& thread : threads) thread.join();
  CHECK(!IsReadable(pipe.reader.get()));
}
