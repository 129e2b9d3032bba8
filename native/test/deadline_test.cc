#include "native/sys/deadline.h"

#include <climits>
#include <cmath>
#include <cstdint>
#include <limits>

#include "native/test/check.h"
#include "native/test/support.h"

using iomux::Deadline;
using iomux::ToTimespec;
using iomux::test::Stopwatch;

TEST(NegativeAndNotANumberAndInfinityWaitForEver) {
  for (const double milliseconds : {-1.0, -0.5, std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    const Deadline deadline(milliseconds);
    CHECK(deadline.forever());
    CHECK_EQ(deadline.LeftMilliseconds(), -1);
  }
}

TEST(ZeroHasPassedAtOnce) {
  const Deadline deadline(0);
  CHECK(!deadline.forever());
  CHECK_EQ(deadline.Left(), 0);
  CHECK_EQ(deadline.LeftMilliseconds(), 0);
}

TEST(CountsDownAndStaysAtZero) {
  const Stopwatch stopwatch;
  const Deadline deadline(2.5);
  CHECK(deadline.Left() <= 2'500'000);
  while (deadline.Left() > 0) continue;
  CHECK(stopwatch.Milliseconds() >= 2.5);
  CHECK_EQ(deadline.Left(), 0);
  CHECK_EQ(deadline.LeftMilliseconds(), 0);
}

TEST(MillisecondsAreRoundedUp) {
  // However long the test is delayed, the time left is not a whole number, and must be rounded up.
  const Deadline deadline(1e6);
  const int64_t before = deadline.Left();
  const int64_t milliseconds = deadline.LeftMilliseconds();
  const int64_t after = deadline.Left();
  CHECK(milliseconds * 1'000'000 >= after);
  CHECK(milliseconds * 1'000'000 < before + 1'000'000);
}

TEST(WhatDoesNotFitIntoAnIntIsCutToTheMost) {
  CHECK_EQ(Deadline(4e9).LeftMilliseconds(), INT_MAX);
  CHECK(!Deadline(4e9).forever());
}

TEST(NoTimeoutIsTooLong) {
  // Begins where the deadline has not passed even if the test is delayed.
  for (double milliseconds = 1e6; milliseconds < 1e300; milliseconds *= 10) {
    const Deadline deadline(milliseconds);
    CHECK(deadline.forever() || deadline.Left() > 0);
  }
  CHECK(Deadline(std::numeric_limits<double>::max()).forever());
}

TEST(TimespecHasSecondsAndTheRest) {
  CHECK_EQ(ToTimespec(0).tv_nsec, 0);
  CHECK_EQ(ToTimespec(999'999'999).tv_sec, 0);
  CHECK_EQ(ToTimespec(999'999'999).tv_nsec, 999'999'999);
  CHECK_EQ(ToTimespec(12'000'000'034).tv_sec, 12);
  CHECK_EQ(ToTimespec(12'000'000'034).tv_nsec, 34);
}
