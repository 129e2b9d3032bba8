#include "native/sys/io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "native/test/check.h"
#include "native/test/support.h"

using iomux::FileType;
using iomux::IsPtyMaster;
using iomux::Pipe;
using iomux::Read;
using iomux::SetCloseOnExec;
using iomux::SetNonBlocking;
using iomux::StatusFlags;
using iomux::UniqueFd;
using iomux::Write;
using iomux::test::DescriptorLimit;
using iomux::test::Ends;
using iomux::test::Interruptions;
using iomux::test::IsCloseOnExec;
using iomux::test::IsNonBlocking;
using iomux::test::IsOpen;
using iomux::test::OpenPipe;

static const uint8_t kBytes[] = {1, 2, 3};

TEST(ReadAnswersWhatWasWritten) {
  const Ends pipe = OpenPipe();
  uint8_t into[8] = {};
  CHECK_EQ(Write(pipe.writer.get(), kBytes, 3), 3);
  CHECK_EQ(Read(pipe.reader.get(), into, sizeof into), 3);
  CHECK_EQ(std::memcmp(into, kBytes, 3), 0);
}

TEST(ReadAnswersEagainWhenThereIsNothingAndZeroAtTheEnd) {
  Ends pipe = OpenPipe();
  uint8_t into[1];
  CHECK_EQ(Read(pipe.reader.get(), into, 1), -EAGAIN);
  pipe.writer.reset();
  CHECK_EQ(Read(pipe.reader.get(), into, 1), 0);
}

TEST(WriteAnswersEagainWhenThePipeIsFull) {
  const Ends pipe = OpenPipe();
  const std::vector<uint8_t> bytes(4096);
  int result = 0;
  while ((result = Write(pipe.writer.get(), bytes.data(), bytes.size())) > 0) continue;
  CHECK_EQ(result, -EAGAIN);
}

// Only Darwin has no call that makes such a pipe.
#ifndef __APPLE__
TEST(APipeIsCloseOnExecFromTheBeginning) {
  // Every pipe below gets these numbers.
  int fds[2];
  {
    const Ends pipe = OpenPipe();
    fds[0] = pipe.reader.get();
    fds[1] = pipe.writer.get();
  }
  std::atomic<bool> stopped{false};
  std::thread maker([&] {
    for (int i = 0; i < 20000; ++i) OpenPipe();
    stopped = true;
  });
  int inherited = 0;
  while (!stopped) {
    for (const int fd : fds) {
      if (fcntl(fd, F_GETFD) == 0) ++inherited;
    }
  }
  maker.join();
  CHECK_EQ(inherited, 0);
}
#endif  // __APPLE__

TEST(ADuplicateIsTheSameFileAndCloseOnExec) {
  const Ends pipe = OpenPipe();
  const UniqueFd duplicate(iomux::Duplicate(pipe.writer.get()));
  CHECK(duplicate.valid());
  CHECK(IsCloseOnExec(duplicate.get()));
  uint8_t into[3] = {};
  CHECK_EQ(Write(duplicate.get(), kBytes, 3), 3);
  CHECK_EQ(Read(pipe.reader.get(), into, 3), 3);
  CHECK_EQ(iomux::Duplicate(-1), -EBADF);
}

TEST(EveryCallAnswersEbadfForAClosedDescriptor) {
  uint8_t byte = 0;
  CHECK_EQ(Read(-1, &byte, 1), -EBADF);
  CHECK_EQ(Write(-1, &byte, 1), -EBADF);
  CHECK_EQ(SetNonBlocking(-1, true), -EBADF);
  CHECK_EQ(SetCloseOnExec(-1), -EBADF);
  CHECK_EQ(FileType(-1), -EBADF);
  CHECK_EQ(StatusFlags(-1), -EBADF);
  CHECK(!IsPtyMaster(-1));
}

TEST(ASignalDoesNotEndARead) {
  const Ends pipe = OpenPipe();
  CHECK_EQ(SetNonBlocking(pipe.reader.get(), false), 0);
  const Interruptions interruptions;
  std::thread writer([&] {
    while (Interruptions::Count() < 20) std::this_thread::yield();
    CHECK_EQ(Write(pipe.writer.get(), kBytes, 1), 1);
  });
  uint8_t into[1];
  CHECK_EQ(Read(pipe.reader.get(), into, 1), 1);
  writer.join();
}

TEST(SetNonBlockingTurnsItOnAndOff) {
  const Ends pipe = OpenPipe();
  CHECK_EQ(SetNonBlocking(pipe.reader.get(), false), 0);
  CHECK(!IsNonBlocking(pipe.reader.get()));
  CHECK_EQ(SetNonBlocking(pipe.reader.get(), true), 0);
  CHECK(IsNonBlocking(pipe.reader.get()));
}

TEST(SetCloseOnExecStays) {
  const UniqueFd fd(open("/dev/null", O_RDONLY));
  CHECK(!IsCloseOnExec(fd.get()));
  CHECK_EQ(SetCloseOnExec(fd.get()), 0);
  CHECK(IsCloseOnExec(fd.get()));
  CHECK_EQ(SetCloseOnExec(fd.get()), 0);
  CHECK(IsCloseOnExec(fd.get()));
}

TEST(FileTypeTellsPipesDirectoriesFilesAndDevicesApart) {
  const Ends pipe = OpenPipe();
  const UniqueFd directory(open("/", O_RDONLY));
  char name[] = "/tmp/iomux-XXXXXX";
  const UniqueFd file(mkstemp(name));
  CHECK_EQ(unlink(name), 0);
  const UniqueFd device(open("/dev/null", O_RDONLY));
  CHECK_EQ(FileType(pipe.reader.get()), S_IFIFO);
  CHECK_EQ(FileType(directory.get()), S_IFDIR);
  CHECK_EQ(FileType(file.get()), S_IFREG);
  CHECK_EQ(FileType(device.get()), S_IFCHR);
}

TEST(StatusFlagsHaveTheAccessMode) {
  for (const int mode : {O_RDONLY, O_WRONLY, O_RDWR}) {
    const UniqueFd device(open("/dev/null", mode));
    CHECK_EQ(StatusFlags(device.get()) & O_ACCMODE, mode);
  }
}

TEST(IsPtyMasterTellsTheSidesOfAPseudoTerminalApart) {
  const UniqueFd master(posix_openpt(O_RDWR | O_NOCTTY));
  CHECK_EQ(grantpt(master.get()), 0);
  CHECK_EQ(unlockpt(master.get()), 0);
  char name[128];
  CHECK_EQ(ptsname_r(master.get(), name, sizeof name), 0);
  const UniqueFd slave(open(name, O_RDWR | O_NOCTTY));
  CHECK(slave.get() >= 0);
  const Ends pipe = OpenPipe();
  CHECK(IsPtyMaster(master.get()));
  CHECK(!IsPtyMaster(slave.get()));
  CHECK(!IsPtyMaster(pipe.reader.get()));
}

TEST(PipeMakesBothEndsNonBlockingAndCloseOnExec) {
  int ends[2] = {-1, -1};
  CHECK_EQ(Pipe(ends), 0);
  const UniqueFd reader(ends[0]);
  const UniqueFd writer(ends[1]);
  for (const int fd : ends) {
    CHECK(IsNonBlocking(fd));
    CHECK(IsCloseOnExec(fd));
  }
}

TEST(PipeWithRoomForOneDescriptorLeavesNoneOpen) {
  const int next = UniqueFd(open("/dev/null", O_RDONLY)).get();
  int ends[2] = {-1, -1};
  {
    const DescriptorLimit limit(static_cast<rlim_t>(next) + 1);
    CHECK_EQ(Pipe(ends), -EMFILE);
  }
  CHECK(!IsOpen(next));
}
