#include "native/sys/blocking_modes.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "native/sys/io.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::BlockingModes;
using iomux::SetNonBlocking;
using iomux::UniqueFd;
using iomux::test::Ends;
using iomux::test::IsNonBlocking;
using iomux::test::OpenPipe;

TEST(RestoreMakesItBlockingWhereItWas) {
  for (const bool blocking : {true, false}) {
    const Ends pipe = OpenPipe();
    const int fd = pipe.reader.get();
    CHECK_EQ(SetNonBlocking(fd, !blocking), 0);
    BlockingModes modes;
    CHECK_EQ(modes.MakeNonBlocking(fd), 0);
    CHECK(IsNonBlocking(fd));
    modes.Restore(fd);
    CHECK_EQ(IsNonBlocking(fd), !blocking);
  }
}

TEST(RestoreDoesNothingForADescriptorThatWasNotGiven) {
  const Ends pipe = OpenPipe();
  BlockingModes modes;
  modes.Restore(pipe.reader.get());
  modes.RestoreAll();
  CHECK(IsNonBlocking(pipe.reader.get()));
}

TEST(TheLastOneOfAnOpenFileRestoresIt) {
  for (const bool first_goes_first : {true, false}) {
    const Ends pipe = OpenPipe();
    const int first = pipe.reader.get();
    const UniqueFd second(dup(first));
    CHECK_EQ(SetNonBlocking(first, false), 0);
    BlockingModes modes;
    CHECK_EQ(modes.MakeNonBlocking(first), 0);
    CHECK_EQ(modes.MakeNonBlocking(second.get()), 0);
    modes.Restore(first_goes_first ? first : second.get());
    CHECK(IsNonBlocking(first));
    modes.Restore(first_goes_first ? second.get() : first);
    CHECK(!IsNonBlocking(first));
  }
}

TEST(RestoreAllRestoresAllOfThem) {
  const Ends one = OpenPipe();
  const Ends other = OpenPipe();
  CHECK_EQ(SetNonBlocking(one.reader.get(), false), 0);
  BlockingModes modes;
  CHECK_EQ(modes.MakeNonBlocking(one.reader.get()), 0);
  CHECK_EQ(modes.MakeNonBlocking(other.reader.get()), 0);
  modes.RestoreAll();
  CHECK(!IsNonBlocking(one.reader.get()));
  CHECK(IsNonBlocking(other.reader.get()));
}

TEST(AClosedDescriptorIsEbadf) {
  BlockingModes modes;
  CHECK_EQ(modes.MakeNonBlocking(-1), -EBADF);
}

TEST(ADescriptorThatWasClosedMeanwhileIsLeftAlone) {
  Ends pipe = OpenPipe();
  const int fd = pipe.reader.get();
  CHECK_EQ(SetNonBlocking(fd, false), 0);
  BlockingModes modes;
  CHECK_EQ(modes.MakeNonBlocking(fd), 0);
  pipe.reader.reset();
  modes.Restore(fd);
  modes.RestoreAll();
}

TEST(AnotherFileThatHasTheNumberByNowIsLeftAlone) {
  const auto restore = [](BlockingModes& modes, int fd) { modes.Restore(fd); };
  const auto restore_all = [](BlockingModes& modes, int) { modes.RestoreAll(); };
  for (void (*const call)(BlockingModes&, int) : {+restore, +restore_all}) {
    const Ends given = OpenPipe();
    const Ends another = OpenPipe();
    const int fd = given.reader.get();
    CHECK_EQ(SetNonBlocking(fd, false), 0);
    BlockingModes modes;
    CHECK_EQ(modes.MakeNonBlocking(fd), 0);
    CHECK_EQ(dup2(another.reader.get(), fd), fd);
    call(modes, fd);
    CHECK(IsNonBlocking(fd));
  }
}

TEST(AnotherFileThatHasTheNumberOfASharerIsLeftAlone) {
  const Ends given = OpenPipe();
  const Ends another = OpenPipe();
  const int fd = given.reader.get();
  const UniqueFd sharer(dup(fd));
  CHECK_EQ(SetNonBlocking(fd, false), 0);
  CHECK_EQ(SetNonBlocking(another.reader.get(), false), 0);
  BlockingModes modes;
  CHECK_EQ(modes.MakeNonBlocking(fd), 0);
  CHECK_EQ(modes.MakeNonBlocking(sharer.get()), 0);
  CHECK_EQ(dup2(another.reader.get(), sharer.get()), sharer.get());
  modes.Restore(fd);
  CHECK(!IsNonBlocking(another.reader.get()));
}

TEST(ADescriptorThatIsSomebodyElsesByNowIsForgotten) {
  const Ends pipe = OpenPipe();
  const int fd = pipe.reader.get();
  CHECK_EQ(SetNonBlocking(fd, false), 0);
  BlockingModes modes;
  CHECK_EQ(modes.MakeNonBlocking(fd), 0);
  modes.Forget(fd);
  modes.Restore(fd);
  modes.RestoreAll();
  CHECK(IsNonBlocking(fd));
}
