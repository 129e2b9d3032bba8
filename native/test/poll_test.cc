#include "native/sys/poll.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <sys/socket.h>

#include <cerrno>
#include <thread>

#include "native/test/check.h"
#include "native/test/support.h"

using iomux::Poll;
using iomux::PollEntry;
using iomux::Select;
using iomux::UniqueFd;
using iomux::test::Connection;
using iomux::test::ConnectOverLoopback;
using iomux::test::DescriptorLimit;
using iomux::test::Ends;
using iomux::test::Interruptions;
using iomux::test::OpenPipe;
using iomux::test::Stopwatch;
using iomux::test::WriteByte;

namespace {

using Wait = int (*)(PollEntry*, int, double);
constexpr Wait kBoth[] = {Poll, Select};

// A descriptor that does not fit into an fd_set.
UniqueFd HighDescriptor(int fd) { return UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, FD_SETSIZE)); }

}  // namespace

TEST(AnswersWhatIsReadyAndInWhichDirection) {
  for (const Wait wait : kBoth) {
    const Ends pipe = OpenPipe();
    PollEntry entries[] = {{pipe.reader.get(), POLLIN, 0}, {pipe.writer.get(), POLLOUT, 0}};
    CHECK_EQ(wait(entries, 2, 0), 1);
    CHECK_EQ(entries[0].revents, 0);
    CHECK_EQ(entries[1].revents, POLLOUT);
    WriteByte(pipe.writer.get());
    CHECK_EQ(wait(entries, 2, 0), 2);
    CHECK_EQ(entries[0].revents, POLLIN);
    CHECK_EQ(entries[1].revents, POLLOUT);
  }
}

TEST(UrgentDataIsAnEventOfItsOwn) {
  for (const Wait wait : kBoth) {
    const Connection connection = ConnectOverLoopback();
    CHECK_EQ(send(connection.client.get(), "!", 1, MSG_OOB), 1);
    PollEntry entry = {connection.server.get(), POLLPRI, 0};
    CHECK_EQ(wait(&entry, 1, -1), 1);
    CHECK_EQ(entry.revents, POLLPRI);
  }
}

TEST(ADescriptorMayStandInSeveralEntries) {
  for (const Wait wait : kBoth) {
    const Connection connection = ConnectOverLoopback();
    WriteByte(connection.client.get());
    const int fd = connection.server.get();
    PollEntry entries[] = {{fd, POLLIN, 0}, {fd, POLLOUT, 0}};
    PollEntry readable = {fd, POLLIN, 0};
    CHECK_EQ(wait(&readable, 1, -1), 1);  // the byte has arrived
    CHECK_EQ(wait(entries, 2, 0), 2);
    CHECK((entries[0].revents & POLLIN) != 0);
    CHECK((entries[1].revents & POLLOUT) != 0);
  }
}

TEST(TheTimeIsNeverCutShort) {
  for (const Wait wait : kBoth) {
    const Ends pipe = OpenPipe();
    for (const double milliseconds : {0.1, 1.5, 7.3}) {
      PollEntry entry = {pipe.reader.get(), POLLIN, 0};
      const Stopwatch stopwatch;
      CHECK_EQ(wait(&entry, 1, milliseconds), 0);
      CHECK(stopwatch.Milliseconds() >= milliseconds);
    }
  }
}

TEST(ASignalDoesNotEndTheWait) {
  for (const Wait wait : kBoth) {
    const Ends pipe = OpenPipe();
    const Interruptions interruptions;
    do {
      PollEntry entry = {pipe.reader.get(), POLLIN, 0};
      const Stopwatch stopwatch;
      CHECK_EQ(wait(&entry, 1, 20), 0);
      CHECK(stopwatch.Milliseconds() >= 20);
    } while (Interruptions::Count() == 0);
  }
}

TEST(AWaitForEverEndsWhenAnotherThreadWrites) {
  for (const Wait wait : kBoth) {
    const Ends pipe = OpenPipe();
    PollEntry entry = {pipe.reader.get(), POLLIN, 0};
    std::thread writer([&pipe] { WriteByte(pipe.writer.get()); });
    CHECK_EQ(wait(&entry, 1, -1), 1);
    CHECK_EQ(entry.revents, POLLIN);
    writer.join();
  }
}

TEST(NoEntriesWaitForTheTimeAlone) {
  for (const Wait wait : kBoth) {
    const Stopwatch stopwatch;
    CHECK_EQ(wait(nullptr, 0, 3), 0);
    CHECK(stopwatch.Milliseconds() >= 3);
  }
}

TEST(PollNamesTheClosedDescriptorAndSelectFails) {
  const Ends pipe = OpenPipe();
  const int closed = UniqueFd(fcntl(pipe.reader.get(), F_DUPFD_CLOEXEC, 0)).get();
  PollEntry entries[] = {{closed, POLLIN, 0}, {pipe.writer.get(), POLLOUT, 0}};
  CHECK_EQ(Select(entries, 2, -1), -EBADF);
  CHECK_EQ(Poll(entries, 2, -1), 2);
  CHECK_EQ(entries[0].revents, POLLNVAL);
  CHECK_EQ(entries[1].revents, POLLOUT);
}

TEST(PollTellsOfAHangUpThatNobodyAskedFor) {
  Ends pipe = OpenPipe();
  pipe.writer.reset();
  PollEntry entry = {pipe.reader.get(), 0, 0};
  CHECK_EQ(Poll(&entry, 1, -1), 1);
  CHECK_EQ(entry.revents, POLLHUP);
}

TEST(SelectRefusesDescriptorsThatNoSetHolds) {
  const Ends pipe = OpenPipe();
  WriteByte(pipe.writer.get());
  const DescriptorLimit none;
  const UniqueFd high = HighDescriptor(pipe.reader.get());
  CHECK(high.get() >= FD_SETSIZE);
  for (const int fd : {high.get(), -1, FD_SETSIZE}) {
    PollEntry entries[] = {{pipe.reader.get(), POLLIN, 0}, {fd, POLLIN, 7}};
    CHECK_EQ(Select(entries, 2, -1), -EINVAL);
    CHECK_EQ(entries[0].revents, 0);
    CHECK_EQ(entries[1].revents, 7);
  }
  PollEntry entry = {high.get(), POLLIN, 0};
  CHECK_EQ(Poll(&entry, 1, -1), 1);
}

TEST(SelectTakesTheHighestDescriptorOfASet) {
  const Ends pipe = OpenPipe();
  WriteByte(pipe.writer.get());
  const UniqueFd last(fcntl(pipe.reader.get(), F_DUPFD_CLOEXEC, FD_SETSIZE - 1));
  CHECK_EQ(last.get(), FD_SETSIZE - 1);
  PollEntry entry = {last.get(), POLLIN, 0};
  CHECK_EQ(Select(&entry, 1, -1), 1);
  CHECK_EQ(entry.revents, POLLIN);
}
