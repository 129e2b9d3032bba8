#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>

#include "native/epoll/epoll.h"
#include "native/sys/io.h"
#include "native/test/check.h"
#include "native/test/epoll.h"
#include "native/test/support.h"

// Instances that watch others, and instances that are replaced under their number.

using iomux::EpollControl;
using iomux::EpollCreate;
using iomux::EpollRenew;
using iomux::Event;
using iomux::Harvest;
using iomux::Nest;
using iomux::UniqueFd;
using iomux::test::AlwaysReadable;
using iomux::test::Ends;
using iomux::test::Epoll;
using iomux::test::IsCloseOnExec;
using iomux::test::OpenPipe;

TEST(InstancesThatWatchEachOtherAreRefused) {
  const Epoll first;
  const Epoll second;
  CHECK_EQ(first.Add(second.fd(), EPOLLIN), 0);
  CHECK_EQ(second.Add(first.fd(), EPOLLIN), -ELOOP);
}

TEST(AnInstanceIsNestedOnceAndACircleIsRefused) {
  const Epoll outer;
  const Epoll inner;
  const UniqueFd source = AlwaysReadable();
  CHECK_EQ(Nest(outer.fd(), inner.fd()), 0);
  CHECK_EQ(Nest(outer.fd(), inner.fd()), 0);
  CHECK_EQ(outer.Poll(), 0);
  CHECK_EQ(inner.Add(source.get(), EPOLLIN), 0);
  CHECK_EQ(outer.Poll(), 1);
  CHECK_EQ(Nest(inner.fd(), outer.fd()), -ELOOP);
}

TEST(AClosedDescriptorWithADuplicateGoesOnReportingUntilTheInstanceIsRenewed) {
  const Epoll epoll;
  UniqueFd source = AlwaysReadable();
  const UniqueFd duplicate(dup(source.get()));
  const int number = source.get();
  CHECK_EQ(epoll.Add(number, EPOLLIN, 1), 0);
  source.reset();
  CHECK_EQ(epoll.Poll(), 1);
  CHECK_EQ(epoll.Delete(number), -EBADF);
  CHECK_EQ(EpollRenew(epoll.fd()), 0);
  CHECK_EQ(epoll.Poll(), 0);
}

TEST(RenewingADuplicateMakesItOneOfTheNewInstance) {
  const UniqueFd epoll(EpollCreate());
  const UniqueFd duplicate(iomux::Duplicate(epoll.get()));
  const Ends pipe = OpenPipe();
  CHECK_EQ(EpollRenew(epoll.get(), {duplicate.get()}), 0);
  CHECK_EQ(EpollControl(epoll.get(), EPOLL_CTL_ADD, pipe.writer.get(), EPOLLOUT, 1), 0);
  Event event{};
  CHECK_EQ(Harvest(duplicate.get(), &event, 1), 1);
  CHECK(IsCloseOnExec(duplicate.get()));
}

TEST(WhoWatchesAnInstanceWatchesTheNewOneToo) {
  const Epoll outer;
  const Epoll inner;
  CHECK_EQ(outer.Add(inner.fd(), EPOLLIN, 7), 0);
  CHECK_EQ(EpollRenew(inner.fd(), {}, outer.fd()), 0);
  CHECK_EQ(outer.Poll(), 0);
  const UniqueFd source = AlwaysReadable();
  CHECK_EQ(inner.Add(source.get(), EPOLLIN), 0);
  CHECK_EQ(outer.Poll(), 1);
  CHECK_EQ(EpollRenew(inner.fd(), {}, outer.fd()), 0);
  CHECK_EQ(outer.Poll(), 0);
  CHECK_EQ(EpollRenew(inner.fd(), {}, source.get()), -EINVAL);
}

TEST(RenewingKeepsTheNumberAndForgetsTheRest) {
  const Epoll epoll;
  const UniqueFd source = AlwaysReadable();
  CHECK_EQ(epoll.Add(source.get(), EPOLLIN), 0);
  CHECK_EQ(EpollRenew(epoll.fd()), 0);
  CHECK(IsCloseOnExec(epoll.fd()));
  CHECK_EQ(epoll.Delete(source.get()), -ENOENT);
  CHECK_EQ(epoll.Add(source.get(), EPOLLIN), 0);
  CHECK_EQ(epoll.Poll(), 1);
  CHECK_EQ(EpollRenew(-1), -EBADF);
}
