#include "native/kqueue/kqueue.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "native/kqueue/platform.h"
#include "native/sys/io.h"
#include "native/sys/socket.h"
#include "native/test/check.h"
#include "native/test/support.h"

// What kqueue.h says of the kernel, and what kqueue.cc makes of it. Not over libkqueue, where much
// is different.

using iomux::Event;
using iomux::FilterChange;
using iomux::Harvest;
using iomux::KqueueCheck;
using iomux::KqueueControl;
using iomux::KqueueCreate;
using iomux::KqueueKevent;
using iomux::KqueueWait;
using iomux::UniqueFd;
using iomux::WideEvent;
using iomux::test::Ends;
using iomux::test::Interruptions;
using iomux::test::IsCloseOnExec;
using iomux::test::IsReadable;
using iomux::test::OpenPipe;
using iomux::test::Stopwatch;
using iomux::test::WriteByte;

namespace {

// As ToFlags in kqueue.cc packs them.
int FilterOf(const Event& event) { return ~(event.flags & 0xff); }
int FlagsOf(const Event& event) { return event.flags >> 8 & 0xffff; }
bool HasFilterFlags(const Event& event) { return (event.flags & 1 << 24) != 0; }

class Kqueue {
 public:
  Kqueue() : owner_(KqueueCreate()) { CHECK(owner_.valid()); }

  [[nodiscard]] int fd() const { return owner_.get(); }

  // 0, or a negated errno.
  [[nodiscard]] int Change(int fd, int filter, int flags, int generation = 0,
                           int64_t fflags = 0) const {
    FilterChange change = {fd, generation, filter, flags, static_cast<int32_t>(fflags), 1};
    const int failed = KqueueControl(owner_.get(), &change, 1);
    CHECK_EQ(failed, change.result == 0 ? 0 : 1);
    return change.result;
  }

  [[nodiscard]] std::vector<Event> Poll() const {
    std::vector<Event> events(16);
    const int count = Harvest(owner_.get(), events.data(), 16);
    CHECK(count >= 0);
    events.resize(static_cast<size_t>(std::max(count, 0)));
    return events;
  }

  // One change of any kind, and the events that follow within `milliseconds`.
  [[nodiscard]] std::vector<WideEvent> Kevent(const WideEvent& change, double milliseconds) const {
    std::vector<WideEvent> events(16);
    const int count = KqueueKevent(owner_.get(), &change, 1, events.data(), 16, milliseconds);
    CHECK(count >= 0);
    events.resize(static_cast<size_t>(std::max(count, 0)));
    return events;
  }

 private:
  UniqueFd owner_;
};

struct Sockets {
  UniqueFd ours;
  UniqueFd theirs;
};

Sockets UnixPair() {
  int ends[2] = {-1, -1};
  CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// The filter of the only event; 0 if there is none.
int OnlyFilter(const std::vector<Event>& events) {
  CHECK(events.size() <= 1);
  return events.empty() ? 0 : FilterOf(events[0]);
}

}  // namespace

TEST(InstancesAreCloseOnExecAndNotInheritedByFork) {
  const Kqueue kqueue;
  CHECK(IsCloseOnExec(kqueue.fd()));
  const pid_t child = fork();
  if (child == 0) _exit(fcntl(kqueue.fd(), F_GETFD) < 0 ? 0 : 1);
  int status = -1;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK_EQ(status, 0);
}

TEST(AnEventBringsSlotAndGenerationOfItsRegistration) {
  const Kqueue kqueue;
  const Ends pipe = OpenPipe();
  WriteByte(pipe.writer.get());
  CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_ADD, INT32_MIN + 1), 0);
  const auto events = kqueue.Poll();
  CHECK_EQ(events.size(), size_t{1});
  CHECK_EQ(events[0].slot, pipe.reader.get());
  CHECK_EQ(events[0].generation, INT32_MIN + 1);
  CHECK_EQ(FilterOf(events[0]), EVFILT_READ);
  CHECK(!HasFilterFlags(events[0]));
}

TEST(WhatTheKernelRefusesIsANegatedErrno) {
  const Kqueue kqueue;
  const Ends pipe = OpenPipe();
  CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_DELETE), -ENOENT);
  CHECK_EQ(kqueue.Change(-1, EVFILT_READ, EV_ADD), -EBADF);
  CHECK_EQ(kqueue.Change(pipe.reader.get(), -100, EV_ADD), -EINVAL);
  Event event{};
  CHECK_EQ(Harvest(-1, &event, 1), -EBADF);
  CHECK_EQ(Harvest(pipe.reader.get(), &event, 1), -EBADF);
  CHECK_EQ(KqueueWait(-1, &event, 1, 1.5), -EBADF);
  CHECK_EQ(KqueueWait(-1, &event, 1, -1), -EBADF);
}

TEST(OneCallMakesAllChangesAndSaysWhichFailed) {
  const Kqueue kqueue;
  const Sockets pair = UnixPair();
  const int fd = pair.ours.get();
  FilterChange changes[] = {{fd, 0, EVFILT_READ, EV_DELETE, 0, 1},
                            {fd, 7, EVFILT_WRITE, EV_ADD, 0, 1},
                            {-1, 0, EVFILT_READ, EV_ADD, 0, 1}};
  CHECK_EQ(KqueueControl(kqueue.fd(), changes, 3), 2);
  CHECK_EQ(changes[0].result, -ENOENT);
  CHECK_EQ(changes[1].result, 0);
  CHECK_EQ(changes[2].result, -EBADF);
  const auto events = kqueue.Poll();
  CHECK_EQ(OnlyFilter(events), EVFILT_WRITE);
  CHECK_EQ(events[0].generation, 7);
}

TEST(ReadingAndWritingAreTwoEvents) {
  const Kqueue kqueue;
  const Sockets pair = UnixPair();
  WriteByte(pair.theirs.get());
  CHECK_EQ(kqueue.Change(pair.ours.get(), EVFILT_READ, EV_ADD), 0);
  CHECK_EQ(kqueue.Change(pair.ours.get(), EVFILT_WRITE, EV_ADD), 0);
  CHECK_EQ(kqueue.Poll().size(), size_t{2});
  CHECK_EQ(kqueue.Change(pair.ours.get(), EVFILT_READ, EV_DELETE), 0);
  CHECK_EQ(OnlyFilter(kqueue.Poll()), EVFILT_WRITE);
}

TEST(LevelReportsAgainClearDispatchAndOneshotDoNot) {
  for (const int mode : {0, EV_CLEAR, EV_DISPATCH, EV_ONESHOT}) {
    const Kqueue kqueue;
    const Ends pipe = OpenPipe();
    WriteByte(pipe.writer.get());
    CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_ADD | mode), 0);
    CHECK_EQ(OnlyFilter(kqueue.Poll()), EVFILT_READ);
    CHECK_EQ(OnlyFilter(kqueue.Poll()), mode == 0 ? EVFILT_READ : 0);
    // Every arrival is an edge, although the first byte has not been read.
    WriteByte(pipe.writer.get());
    CHECK_EQ(OnlyFilter(kqueue.Poll()), mode == 0 || mode == EV_CLEAR ? EVFILT_READ : 0);
    // EV_DISPATCH has disabled it, EV_ONESHOT has removed it.
    CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_DELETE),
             mode == EV_ONESHOT ? -ENOENT : 0);
  }
}

TEST(AddingAgainReplacesTheUserDataAndNotTheMode) {
  const Kqueue kqueue;
  const Ends pipe = OpenPipe();
  WriteByte(pipe.writer.get());
  CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_ADD | EV_CLEAR, 1), 0);
  CHECK_EQ(kqueue.Poll().size(), size_t{1});
  CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_ADD, 2), 0);
  // The change reports the current state at once.
  const auto events = kqueue.Poll();
  CHECK_EQ(OnlyFilter(events), EVFILT_READ);
  CHECK_EQ(events[0].generation, 2);
  CHECK_EQ(kqueue.Poll().size(), size_t{0});
}

TEST(ClosingTheNumberRemovesItEvenIfTheFileHasADuplicate) {
  const Kqueue kqueue;
  Ends pipe = OpenPipe();
  const UniqueFd duplicate(dup(pipe.reader.get()));
  const int fd = pipe.reader.get();
  CHECK_EQ(kqueue.Change(fd, EVFILT_READ, EV_ADD), 0);
  WriteByte(pipe.writer.get());
  CHECK_EQ(kqueue.Poll().size(), size_t{1});
  pipe.reader.reset();
  CHECK_EQ(kqueue.Poll().size(), size_t{0});
  // The number of another file now, which was not added.
  const UniqueFd other(dup2(duplicate.get(), fd));
  CHECK_EQ(kqueue.Poll().size(), size_t{0});
  CHECK_EQ(kqueue.Change(fd, EVFILT_READ, EV_DELETE), -ENOENT);
}

TEST(TheEndOfADirectionIsOfItsFilterAndDataMayBeLeft) {
  const Kqueue kqueue;
  const Sockets pair = UnixPair();
  WriteByte(pair.theirs.get());
  CHECK_EQ(shutdown(pair.theirs.get(), SHUT_WR), 0);
  CHECK_EQ(kqueue.Change(pair.ours.get(), EVFILT_READ, EV_ADD), 0);
  CHECK_EQ(kqueue.Change(pair.ours.get(), EVFILT_WRITE, EV_ADD), 0);
  const auto events = kqueue.Poll();
  CHECK_EQ(events.size(), size_t{2});
  for (const Event& event : events) {
    CHECK_EQ((FlagsOf(event) & EV_EOF) != 0, FilterOf(event) == EVFILT_READ);
    CHECK(!HasFilterFlags(event));
  }
  uint8_t byte;
  CHECK_EQ(read(pair.ours.get(), &byte, 1), ssize_t{1});
}

TEST(APendingErrorIsInTheFilterFlags) {
  const Kqueue kqueue;
  auto connection = iomux::test::ConnectOverLoopback();
  CHECK_EQ(kqueue.Change(connection.server.get(), EVFILT_READ, EV_ADD), 0);
  CHECK_EQ(kqueue.Poll().size(), size_t{0});
  const linger reset = {1, 0};
  CHECK_EQ(setsockopt(connection.client.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), 0);
  connection.client.reset();
  Event event{};
  CHECK_EQ(KqueueWait(kqueue.fd(), &event, 1, 1000), 1);
  CHECK((FlagsOf(event) & EV_EOF) != 0);
  CHECK(HasFilterFlags(event));
  WideEvent wide{};
  CHECK_EQ(KqueueKevent(kqueue.fd(), &wide, 0, &wide, 1, 0), 1);
  CHECK_EQ(wide.fflags, double{ECONNRESET});
}

TEST(TheEndOfAPipeIsReportedToItsReaderAgainAndAgain) {
  const Kqueue kqueue;
  Ends pipe = OpenPipe();
  CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_ADD), 0);
  pipe.writer.reset();
  for (int time = 0; time < 3; ++time) {
    const auto events = kqueue.Poll();
    CHECK_EQ(OnlyFilter(events), EVFILT_READ);
    CHECK(!events.empty() && (FlagsOf(events[0]) & EV_EOF) != 0);
  }
  CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_DELETE), 0);
}

TEST(TheWriterOfABrokenPipeIsReportedOnceByFreeBsdAndThenRefused) {
  const Kqueue kqueue;
  Ends pipe = OpenPipe();
  CHECK_EQ(kqueue.Change(pipe.writer.get(), EVFILT_WRITE, EV_ADD), 0);
  pipe.reader.reset();
  const auto report = [&] {
    const auto events = kqueue.Poll();
    CHECK(events.empty() || (FlagsOf(events[0]) & EV_EOF) != 0);
    return OnlyFilter(events);
  };
  CHECK_EQ(report(), EVFILT_WRITE);
#ifdef __APPLE__
  CHECK_EQ(report(), EVFILT_WRITE);
  CHECK_EQ(kqueue.Change(pipe.writer.get(), EVFILT_WRITE, EV_DELETE), 0);
  CHECK_EQ(kqueue.Change(pipe.writer.get(), EVFILT_WRITE, EV_ADD), 0);
  CHECK_EQ(report(), EVFILT_WRITE);
#else
  CHECK_EQ(report(), 0);
  CHECK_EQ(kqueue.Change(pipe.writer.get(), EVFILT_WRITE, EV_DELETE), -ENOENT);
  CHECK_EQ(kqueue.Change(pipe.writer.get(), EVFILT_WRITE, EV_ADD), -EPIPE);
#endif
}

TEST(TheFilterOfTheProgramReportsWhatTriggersItInAChangeOfItsOwn) {
  const Kqueue kqueue;
  CHECK_EQ(kqueue.Change(5, EVFILT_USER, EV_ADD, 9), 0);
  CHECK_EQ(kqueue.Poll().size(), size_t{0});
  CHECK_EQ(kqueue.Change(5, EVFILT_USER, EV_ADD, 9, NOTE_TRIGGER), 0);
  for (int time = 0; time < 2; ++time) {
    const auto events = kqueue.Poll();
    CHECK_EQ(OnlyFilter(events), EVFILT_USER);
    CHECK_EQ(events[0].generation, 9);
  }
  CHECK_EQ(kqueue.Change(5, EVFILT_USER, EV_DELETE), 0);
  CHECK_EQ(kqueue.Change(5, EVFILT_USER, EV_ADD | EV_ONESHOT), 0);
  CHECK_EQ(kqueue.Change(5, EVFILT_USER, EV_ADD | EV_ONESHOT, 0, NOTE_TRIGGER), 0);
  CHECK_EQ(OnlyFilter(kqueue.Poll()), EVFILT_USER);
  CHECK_EQ(kqueue.Poll().size(), size_t{0});
}

TEST(FilesAndDirectoriesAreRefused) {
  char name[] = "/tmp/iomux-XXXXXX";
  const UniqueFd file(mkstemp(name));
  CHECK_EQ(unlink(name), 0);
  const UniqueFd directory(open("/", O_RDONLY));
  const Ends pipe = OpenPipe();
  CHECK_EQ(KqueueCheck(file.get()), -EPERM);
  CHECK_EQ(KqueueCheck(directory.get()), -EPERM);
  CHECK_EQ(KqueueCheck(pipe.reader.get()), 0);
  CHECK_EQ(KqueueCheck(-1), -EBADF);
}

TEST(AnInstanceIsReadableWhileItHasEventsAndAnotherCanWatchIt) {
  const Kqueue outer;
  const Kqueue inner;
  const Ends pipe = OpenPipe();
  CHECK_EQ(outer.Change(inner.fd(), EVFILT_READ, EV_ADD), 0);
  CHECK_EQ(inner.Change(pipe.reader.get(), EVFILT_READ, EV_ADD), 0);
  CHECK(!IsReadable(inner.fd()));
  CHECK_EQ(outer.Poll().size(), size_t{0});
  WriteByte(pipe.writer.get());
  CHECK(IsReadable(inner.fd()));
  // FreeBSD tells the outer one from a task of its own.
  Event event{};
  CHECK_EQ(KqueueWait(outer.fd(), &event, 1, 1000), 1);
  CHECK_EQ(event.slot, inner.fd());
  uint8_t byte;
  CHECK_EQ(read(pipe.reader.get(), &byte, 1), ssize_t{1});
  // Until somebody collects, FreeBSD does not look whether the event is still there.
  CHECK_EQ(inner.Poll().size(), size_t{0});
  CHECK(!IsReadable(inner.fd()));
  CHECK_EQ(outer.Poll().size(), size_t{0});
}

TEST(TheListenerTellsHowManyConnectionsWait) {
  const Kqueue kqueue;
  int port = 0;
  const UniqueFd listener = iomux::test::ListenOnLoopback(&port);
  iomux::Address address;
  CHECK_EQ(iomux::ParseInternetAddress("127.0.0.1", port, &address), 0);
  std::vector<UniqueFd> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(socket(AF_INET, SOCK_STREAM, 0));
    CHECK_EQ(connect(clients.back().get(), address.get(), address.length), 0);
  }
  const WideEvent add = {static_cast<double>(listener.get()), EVFILT_READ, EV_ADD, 0, 0, 0};
  const auto events = kqueue.Kevent(add, 1000);
  CHECK_EQ(events.size(), size_t{1});
  CHECK_EQ(events[0].data, 3.0);
}

TEST(WideEventsAreExact) {
  const Kqueue kqueue;
  const double most = 9007199254740991;  // 2^53 - 1
  const WideEvent add = {most, EVFILT_USER, EV_ADD | EV_CLEAR, 0, 0, most - 1};
  CHECK_EQ(kqueue.Kevent(add, 0).size(), size_t{0});
  WideEvent trigger = add;
  trigger.flags = 0;
  trigger.fflags = NOTE_TRIGGER;
  const auto events = kqueue.Kevent(trigger, 0);
  CHECK_EQ(events.size(), size_t{1});
  CHECK_EQ(events[0].ident, most);
  CHECK_EQ(events[0].filter, double{EVFILT_USER});
  CHECK_EQ(events[0].udata, most - 1);
}

TEST(AChangeWithAReceiptIsAnsweredAndNothingElseIsCollected) {
  const Kqueue kqueue;
  const Ends pipe = OpenPipe();
  WriteByte(pipe.writer.get());
  const auto fd = static_cast<double>(pipe.reader.get());
  auto events = kqueue.Kevent({fd, EVFILT_READ, EV_ADD | EV_RECEIPT, 0, 0, 0}, -1);
  CHECK_EQ(events.size(), size_t{1});
  CHECK((static_cast<int>(events[0].flags) & EV_ERROR) != 0);
  CHECK_EQ(events[0].data, 0.0);
  events = kqueue.Kevent({1e6, EVFILT_READ, EV_ADD, 0, 0, 0}, -1);
  CHECK_EQ(events.size(), size_t{1});
  CHECK_EQ(events[0].data, double{EBADF});
}

TEST(ATimerCountsItsExpirations) {
  const Kqueue kqueue;
  const WideEvent add = {1, EVFILT_TIMER, EV_ADD, NOTE_NSECONDS, 2e6, 0};
  CHECK_EQ(kqueue.Kevent(add, 0).size(), size_t{0});
  usleep(50000);
  WideEvent event{};
  CHECK_EQ(KqueueKevent(kqueue.fd(), &event, 0, &event, 1, 1000), 1);
  CHECK_EQ(event.filter, double{EVFILT_TIMER});
  CHECK(event.data >= 2);
}

TEST(TheEndOfAChildIsReportedWithItsStatus) {
  const Kqueue kqueue;
  const Ends pipe = OpenPipe();
  const pid_t child = fork();
  if (child == 0) {
    uint8_t byte;
    fcntl(pipe.reader.get(), F_SETFL, 0);
    _exit(read(pipe.reader.get(), &byte, 1) == 1 ? 7 : 1);
  }
#ifdef NOTE_EXITSTATUS
  const auto notes = static_cast<double>(NOTE_EXIT | static_cast<uint32_t>(NOTE_EXITSTATUS));
#else
  const auto notes = static_cast<double>(NOTE_EXIT);
#endif
  const WideEvent add = {static_cast<double>(child), EVFILT_PROC, EV_ADD | EV_ONESHOT, notes, 0, 0};
  CHECK_EQ(kqueue.Kevent(add, 0).size(), size_t{0});
  WriteByte(pipe.writer.get());
  WideEvent event{};
  CHECK_EQ(KqueueKevent(kqueue.fd(), &event, 0, &event, 1, 5000), 1);
  CHECK_EQ(event.ident, static_cast<double>(child));
  const int status = static_cast<int>(event.data);
  CHECK(WIFEXITED(status));
  CHECK_EQ(WEXITSTATUS(status), 7);
  CHECK_EQ(waitpid(child, nullptr, 0), child);
}

TEST(ASignalIsCountedEvenIfItIsIgnored) {
  const Kqueue kqueue;
  CHECK(signal(SIGUSR2, SIG_IGN) != SIG_ERR);
  const WideEvent add = {SIGUSR2, EVFILT_SIGNAL, EV_ADD, 0, 0, 0};
  CHECK_EQ(kqueue.Kevent(add, 0).size(), size_t{0});
  for (int i = 0; i < 2; ++i) CHECK_EQ(kill(getpid(), SIGUSR2), 0);
  WideEvent event{};
  CHECK_EQ(KqueueKevent(kqueue.fd(), &event, 0, &event, 1, 1000), 1);
  CHECK_EQ(event.data, 2.0);
}

TEST(WhatDoesNotFitStaysForTheNextHarvest) {
  const Kqueue kqueue;
  const Ends pipes[] = {OpenPipe(), OpenPipe(), OpenPipe()};
  for (const Ends& pipe : pipes) {
    WriteByte(pipe.writer.get());
    CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_ADD | EV_CLEAR), 0);
  }
  Event events[2];
  CHECK_EQ(Harvest(kqueue.fd(), events, 2), 2);
  CHECK_EQ(Harvest(kqueue.fd(), events, 2), 1);
  CHECK_EQ(Harvest(kqueue.fd(), events, 2), 0);
}

TEST(TheTimeIsNeverCutShort) {
  const Kqueue kqueue;
  for (const double milliseconds : {0.3, 1.5, 20.0}) {
    const Stopwatch watch;
    Event event{};
    CHECK_EQ(KqueueWait(kqueue.fd(), &event, 1, milliseconds), 0);
    CHECK(watch.Milliseconds() >= milliseconds);
  }
}

TEST(ASignalDoesNotEndTheWait) {
  const Kqueue kqueue;
  const Interruptions interruptions;
  const Stopwatch watch;
  Event event{};
  CHECK_EQ(KqueueWait(kqueue.fd(), &event, 1, 100), 0);
  CHECK(watch.Milliseconds() >= 100);
  CHECK(Interruptions::Count() > 0);
}

TEST(AWaitForEverEndsWhenAnotherThreadAddsOrWrites) {
  const Kqueue kqueue;
  const Ends pipe = OpenPipe();
  Event event{};
  std::thread adder([&] {
    usleep(20000);
    WriteByte(pipe.writer.get());
    CHECK_EQ(kqueue.Change(pipe.reader.get(), EVFILT_READ, EV_ADD | EV_CLEAR), 0);
  });
  CHECK_EQ(KqueueWait(kqueue.fd(), &event, 1, -1), 1);
  adder.join();
  std::thread writer([&] {
    usleep(20000);
    WriteByte(pipe.writer.get());
  });
  CHECK_EQ(KqueueWait(kqueue.fd(), &event, 1, -1), 1);
  CHECK_EQ(event.slot, pipe.reader.get());
  writer.join();
}
