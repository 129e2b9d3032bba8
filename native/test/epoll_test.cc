#include "native/epoll/epoll.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <thread>
#include <vector>

#include "native/sys/io.h"
#include "native/test/check.h"
#include "native/test/epoll.h"
#include "native/test/support.h"

using iomux::EpollControl;
using iomux::EpollWait;
using iomux::Event;
using iomux::Harvest;
using iomux::kMaxEvents;
using iomux::UniqueFd;
using iomux::test::AlwaysReadable;
using iomux::test::DescriptorLimit;
using iomux::test::Ends;
using iomux::test::Epoll;
using iomux::test::Interruptions;
using iomux::test::IsCloseOnExec;
using iomux::test::IsReadable;
using iomux::test::OpenPipe;
using iomux::test::Stopwatch;
using iomux::test::WriteByte;

TEST(InstancesAreCloseOnExec) {
  const Epoll epoll;
  CHECK(IsCloseOnExec(epoll.fd()));
}

TEST(AnEventBringsTheDataOfItsRegistration) {
  const Epoll epoll;
  const UniqueFd source = AlwaysReadable();
  CHECK_EQ(epoll.Add(source.get(), EPOLLIN, 0xfedcba9876543210), 0);
  Event event{};
  CHECK_EQ(epoll.Poll(&event), 1);
  CHECK_EQ(static_cast<uint32_t>(event.slot), 0x76543210U);
  CHECK_EQ(static_cast<uint32_t>(event.generation), 0xfedcba98U);
  CHECK_EQ(static_cast<uint32_t>(event.flags), uint32_t{EPOLLIN});

  CHECK_EQ(epoll.Modify(source.get(), EPOLLOUT, 5), 0);
  CHECK_EQ(epoll.Poll(&event), 1);
  CHECK_EQ(event.slot, 5);
  CHECK_EQ(event.generation, 0);
  CHECK_EQ(static_cast<uint32_t>(event.flags), uint32_t{EPOLLOUT});
}

TEST(WhatTheKernelRefusesIsANegatedErrno) {
  const Epoll epoll;
  const UniqueFd source = AlwaysReadable();
  const UniqueFd directory(open("/", O_RDONLY | O_CLOEXEC));
  CHECK_EQ(epoll.Modify(source.get(), EPOLLIN), -ENOENT);
  CHECK_EQ(epoll.Delete(source.get()), -ENOENT);
  CHECK_EQ(epoll.Add(source.get(), EPOLLIN), 0);
  CHECK_EQ(epoll.Add(source.get(), EPOLLIN), -EEXIST);
  CHECK_EQ(epoll.Add(directory.get(), EPOLLIN), -EPERM);
  CHECK_EQ(epoll.Add(epoll.fd(), EPOLLIN), -EINVAL);
  CHECK_EQ(epoll.Add(-1, EPOLLIN), -EBADF);
  CHECK_EQ(EpollControl(source.get(), EPOLL_CTL_ADD, epoll.fd(), EPOLLIN, 0), -EINVAL);
  Event event{};
  CHECK_EQ(Harvest(source.get(), &event, 1), -EINVAL);
  CHECK_EQ(Harvest(-1, &event, 1), -EBADF);
  CHECK_EQ(EpollWait(-1, &event, 1, 1.5), -EBADF);
  CHECK_EQ(EpollWait(-1, &event, 1, -1), -EBADF);
}

TEST(AnInstanceIsReadableWhileItHasEvents) {
  const Epoll epoll;
  const Ends pipe = OpenPipe();
  CHECK_EQ(epoll.Add(pipe.reader.get(), EPOLLIN), 0);
  CHECK(!IsReadable(epoll.fd()));
  WriteByte(pipe.writer.get());
  CHECK(IsReadable(epoll.fd()));
  uint8_t byte = 0;
  CHECK_EQ(iomux::Read(pipe.reader.get(), &byte, 1), 1);
  CHECK(!IsReadable(epoll.fd()));
}

TEST(LevelReportsAgainEdgeAndOneshotDoNot) {
  const Epoll epoll;
  const UniqueFd source = AlwaysReadable();
  CHECK_EQ(epoll.Add(source.get(), EPOLLIN), 0);
  CHECK_EQ(epoll.Poll(), 1);
  CHECK_EQ(epoll.Poll(), 1);
  for (const uint32_t mode : {uint32_t{EPOLLET}, uint32_t{EPOLLONESHOT}}) {
    CHECK_EQ(epoll.Modify(source.get(), EPOLLIN | mode), 0);  // reports the current state at once
    CHECK_EQ(epoll.Poll(), 1);
    CHECK_EQ(epoll.Poll(), 0);
  }
}

TEST(AHangUpIsReportedWhateverTheMask) {
  const Epoll epoll;
  Ends pipe = OpenPipe();
  CHECK_EQ(epoll.Add(pipe.reader.get(), 0), 0);
  CHECK_EQ(epoll.Poll(), 0);
  pipe.writer.reset();
  Event event{};
  CHECK_EQ(epoll.Poll(&event), 1);
  CHECK_EQ(static_cast<uint32_t>(event.flags), uint32_t{EPOLLHUP});
}

TEST(WhatDoesNotFitStaysForTheNextHarvest) {
  constexpr int kSources = 5;
  const Epoll epoll;
  std::vector<UniqueFd> sources;
  for (int i = 0; i < kSources; ++i) {
    sources.push_back(AlwaysReadable());
    CHECK_EQ(epoll.Add(sources.back().get(), EPOLLIN | EPOLLONESHOT, static_cast<uint64_t>(i)), 0);
  }
  bool seen[kSources] = {};
  Event events[2];
  for (const int expected : {2, 2, 1, 0}) {
    const int count = Harvest(epoll.fd(), events, 2);
    CHECK_EQ(count, expected);
    for (int i = 0; i < count; ++i) seen[events[i].slot] = true;
  }
  for (const bool one : seen) CHECK(one);
}

TEST(OneCallCollectsNoMoreThanTheMost) {
  const DescriptorLimit none;
  const Epoll epoll;
  const UniqueFd source = AlwaysReadable();
  std::vector<UniqueFd> duplicates;
  for (int i = 0; i <= kMaxEvents; ++i) {
    duplicates.emplace_back(dup(source.get()));
    CHECK_EQ(epoll.Add(duplicates.back().get(), EPOLLIN), 0);
  }
  std::vector<Event> events(2 * kMaxEvents, Event{-1, -1, -1});
  CHECK_EQ(Harvest(epoll.fd(), events.data(), 2 * kMaxEvents), kMaxEvents);
  CHECK_EQ(EpollWait(epoll.fd(), events.data(), 2 * kMaxEvents, -1), kMaxEvents);
  CHECK_EQ(events[kMaxEvents - 1].generation, 0);
  CHECK_EQ(events[kMaxEvents].generation, -1);
}

TEST(ACapacityBelowOneIsAnError) {
  const Epoll epoll;
  Event event{};
  CHECK_EQ(Harvest(epoll.fd(), &event, 0), -EINVAL);
  CHECK_EQ(EpollWait(epoll.fd(), &event, -1, 10), -EINVAL);
}

TEST(TheTimeIsNeverCutShort) {
  const Epoll epoll;
  Event event{};
  for (const double milliseconds : {0.0001, 0.3, 2.5, 7.0}) {
    const Stopwatch stopwatch;
    CHECK_EQ(EpollWait(epoll.fd(), &event, 1, milliseconds), 0);
    CHECK(stopwatch.Milliseconds() >= milliseconds);
  }
  CHECK_EQ(EpollWait(epoll.fd(), &event, 1, 0), 0);
}

TEST(ASignalDoesNotEndTheWait) {
  const Epoll epoll;
  const Interruptions interruptions;
  do {
    Event event{};
    const Stopwatch stopwatch;
    CHECK_EQ(EpollWait(epoll.fd(), &event, 1, 20), 0);
    CHECK(stopwatch.Milliseconds() >= 20);
  } while (Interruptions::Count() == 0);
}

TEST(AWaitForEverEndsWhenAnotherThreadAddsOrWrites) {
  const Epoll epoll;
  const Ends pipe = OpenPipe();
  Event event{};
  std::thread adder([&] { CHECK_EQ(epoll.Add(pipe.writer.get(), EPOLLOUT, 1), 0); });
  CHECK_EQ(EpollWait(epoll.fd(), &event, 1, -1), 1);
  CHECK_EQ(event.slot, 1);
  adder.join();
  CHECK_EQ(epoll.Delete(pipe.writer.get()), 0);

  CHECK_EQ(epoll.Add(pipe.reader.get(), EPOLLIN, 2), 0);
  std::thread writer([&] { WriteByte(pipe.writer.get()); });
  CHECK_EQ(EpollWait(epoll.fd(), &event, 1, -1), 1);
  CHECK_EQ(event.slot, 2);
  writer.join();
}

TEST(ThreadsThatShareAnInstanceGetEveryOneshotEventOnce) {
  constexpr int kThreads = 3;
  constexpr int kSources = 200;
  const Epoll epoll;
  std::atomic<int> seen[kSources] = {};
  std::atomic<int> left{kSources};
  const Ends end = OpenPipe();
  CHECK_EQ(epoll.Add(end.reader.get(), EPOLLIN, kSources),
           0);  // stays readable, to wake all threads
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      Event events[4];
      while (left > 0) {
        const int count = EpollWait(epoll.fd(), events, 4, -1);
        CHECK(count > 0);
        for (int k = 0; k < count; ++k) {
          if (events[k].slot == kSources) continue;
          ++seen[events[k].slot];
          if (--left == 0) WriteByte(end.writer.get());
        }
      }
    });
  }
  std::vector<UniqueFd> sources;
  for (int i = 0; i < kSources; ++i) {
    sources.push_back(AlwaysReadable());
    const auto data = static_cast<uint64_t>(i);
    CHECK_EQ(epoll.Add(sources.back().get(), EPOLLIN | EPOLLONESHOT, data), 0);
  }
  for (auto& thread : threads) thread.join();
  for (const auto& times : seen) CHECK_EQ(times.load(), 1);
}
