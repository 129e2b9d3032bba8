#include "native/sys/unique_fd.h"

#include <fcntl.h>
#include <unistd.h>

#include <type_traits>
#include <utility>

#include "native/test/check.h"
#include "native/test/support.h"

using iomux::UniqueFd;
using iomux::test::IsOpen;

static_assert(!std::is_copy_constructible_v<UniqueFd>);
static_assert(!std::is_copy_assignable_v<UniqueFd>);
static_assert(std::is_nothrow_move_constructible_v<UniqueFd>);
static_assert(std::is_nothrow_move_assignable_v<UniqueFd>);

static int OpenAny() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(OwnsNothingAtFirst) {
  const UniqueFd owner;
  CHECK(!owner.valid());
  CHECK_EQ(owner.get(), -1);
}

TEST(ClosesAtTheEndOfItsScope) {
  const int fd = OpenAny();
  {
    const UniqueFd owner(fd);
    CHECK(owner.valid());
    CHECK_EQ(owner.get(), fd);
    CHECK(IsOpen(fd));
  }
  CHECK(!IsOpen(fd));
}

TEST(MovingHandsTheDescriptorOn) {
  const int fd = OpenAny();
  UniqueFd first(fd);
  const UniqueFd second(std::move(first));
  CHECK_EQ(first.get(), -1);  // NOLINT(bugprone-use-after-move)
  CHECK_EQ(second.get(), fd);
  CHECK(IsOpen(fd));
}

TEST(AssigningClosesWhatWasOwnedBefore) {
  const int old = OpenAny();
  const int fd = OpenAny();
  UniqueFd owner(old);
  UniqueFd other(fd);
  owner = std::move(other);
  CHECK(!IsOpen(old));
  CHECK(IsOpen(fd));
  CHECK_EQ(owner.get(), fd);
  CHECK(!other.valid());  // NOLINT(bugprone-use-after-move)
}

TEST(AssigningToItselfKeepsTheDescriptor) {
  const int fd = OpenAny();
  UniqueFd owner(fd);
  UniqueFd& alias = owner;
  owner = std::move(alias);
  CHECK_EQ(owner.get(), fd);
  CHECK(IsOpen(fd));
}

TEST(ReleaseGivesTheDescriptorUpOpen) {
  const int fd = OpenAny();
  {
    UniqueFd owner(fd);
    CHECK_EQ(owner.release(), fd);
    CHECK(!owner.valid());
  }
  CHECK(IsOpen(fd));
  close(fd);
}

TEST(ResetClosesOnce) {
  const int fd = OpenAny();
  UniqueFd owner(fd);
  owner.reset();
  CHECK(!IsOpen(fd));
  const UniqueFd next(OpenAny());
  CHECK_EQ(next.get(), fd);  // the number is in use again
  owner.reset();
  CHECK(IsOpen(fd));
}
