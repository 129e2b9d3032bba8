#include "native/kqueue/kqueue.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "native/kqueue/platform.h"
#include "native/sys/deadline.h"
#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/unique_fd.h"

namespace iomux {
namespace {

static_assert(sizeof(void*) == sizeof(uint64_t), "the user data has to hold slot and generation");

constexpr timespec kNow = {0, 0};

// In nanoseconds. The kernels convert the timeout to units of their own, and none overflows with
// this one. When it expires, the caller finds that time is left, and waits again.
constexpr int64_t kLongestWait = int64_t{1'000'000} * 1'000'000'000;

void* ToUserData(int32_t slot, int32_t generation) {
  const auto high = static_cast<uint64_t>(static_cast<uint32_t>(generation));
  return reinterpret_cast<void*>(high << 32 | static_cast<uint32_t>(slot));  // NOLINT
}

// Decoded by lib/poll/kqueue-selector.ts: the complement of the filter in bits 0 to 7, the flags in
// the next 16, and in bit 24 whether there are filter flags.
int32_t ToFlags(const struct kevent& event) {
  const uint32_t filter = ~static_cast<uint32_t>(event.filter) & 0xff;
  const uint32_t flags = static_cast<uint32_t>(event.flags) << 8;
  return static_cast<int32_t>(filter | flags | (event.fflags != 0 ? 1u << 24 : 0));
}

// Drops false alarms; returns how many events are left.
int ToEvents(const struct kevent* raised, int count, Event* events) {
  int kept = 0;
  for (int i = 0; i < count; ++i) {
    if (IsFalseAlarm(raised[i])) continue;
    const auto data = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(raised[i].udata));
    events[kept++] = {static_cast<int32_t>(data), static_cast<int32_t>(data >> 32),
                      ToFlags(raised[i])};
  }
  return kept;
}

struct kevent FromWide(const WideEvent& wide) {
  struct kevent event = {};
  event.ident = static_cast<uintptr_t>(wide.ident);
  event.filter = static_cast<decltype(event.filter)>(wide.filter);
  event.flags = static_cast<decltype(event.flags)>(wide.flags);
  event.fflags = static_cast<decltype(event.fflags)>(wide.fflags);
  event.data = static_cast<decltype(event.data)>(wide.data);
  event.udata = reinterpret_cast<void*>(static_cast<uintptr_t>(wide.udata));  // NOLINT
  return event;
}

WideEvent ToWide(const struct kevent& event) {
  return {static_cast<double>(event.ident),
          static_cast<double>(event.filter),
          static_cast<double>(event.flags),
          static_cast<double>(event.fflags),
          static_cast<double>(event.data),
          static_cast<double>(reinterpret_cast<uintptr_t>(event.udata))};
}

// Makes changes that all have EV_RECEIPT: the number of receipts, which are in the same order, or a
// negated errno. If a signal interrupts the call, the changes are made, without receipts.
int MakeChanges(int kqueue, const struct kevent* changes, int count, struct kevent* receipts) {
  const int result = ResultOf(kevent(kqueue, changes, count, receipts, count, &kNow));
  return result == -EINTR ? 0 : result;
}

// Makes a change that was refused again, in the form that the system wants for some devices: 0, or
// an errno.
int RetryForDevice(int kqueue, struct kevent change, int refusal) {
  if (refusal != EINVAL || (change.flags & EV_ADD) == 0 || !AskForAny(&change)) return refusal;
  struct kevent receipt = {};
  const int answered = MakeChanges(kqueue, &change, 1, &receipt);
  return answered < 0 ? -answered : static_cast<int>(receipt.data);
}

// Makes the changes once and waits for the first event.
int Wait(int kqueue, const struct kevent* changes, int change_count, struct kevent* raised,
         int capacity, const Deadline& deadline) {
  for (;;) {
    const timespec left =
        deadline.forever() ? kNow : ToTimespec(std::min(deadline.Left(), kLongestWait));
    const int count = kevent(kqueue, changes, change_count, raised, capacity,
                             deadline.forever() ? nullptr : &left);
    if (count > 0) return count;
    if (count < 0 && errno != EINTR) return -errno;
    if (count == 0 && !deadline.forever() && deadline.Left() == 0) return 0;
    change_count = 0;
  }
}

// Makes the changes, and keeps the receipts of those that failed or had EV_RECEIPT at the beginning
// of `receipts`: how many, or a negated errno.
int TakeReceipts(int kqueue, std::vector<struct kevent> changes, struct kevent* receipts) {
  std::vector<bool> requested;
  for (auto& change : changes) {
    requested.push_back((change.flags & EV_RECEIPT) != 0);
    change.flags |= EV_RECEIPT;
  }
  const int count = MakeChanges(kqueue, changes.data(), static_cast<int>(changes.size()), receipts);
  int kept = 0;
  for (int i = 0; i < count; ++i) {
    if (requested[i] || receipts[i].data != 0) receipts[kept++] = receipts[i];
  }
  return count < 0 ? count : kept;
}

}  // namespace

int KqueueCreate() {
  UniqueFd owner(kqueue());
  if (!owner.valid()) return -errno;
  const int result = SetCloseOnExec(owner.get());
  return result < 0 ? result : owner.release();
}

int KqueueCheck(int fd) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  const bool always_ready = S_ISREG(status.st_mode) || S_ISDIR(status.st_mode);
  return always_ready || HidesItsEnd(status) ? -EPERM : 0;
}

int KqueueControl(int kqueue, FilterChange* changes, int count) {
  struct kevent list[kMaxChanges] = {};
  struct kevent receipts[kMaxChanges];
  for (int i = 0; i < count; ++i) {
    list[i].ident = static_cast<uintptr_t>(changes[i].fd);
    list[i].filter = static_cast<decltype(list[i].filter)>(changes[i].filter);
    list[i].flags = static_cast<decltype(list[i].flags)>(changes[i].flags | EV_RECEIPT);
    list[i].fflags = static_cast<decltype(list[i].fflags)>(changes[i].fflags);
    list[i].udata = ToUserData(changes[i].fd, changes[i].generation);
  }
  const int answered = MakeChanges(kqueue, list, count, receipts);
  if (answered < 0) return answered;
  int failed = 0;
  for (int i = 0; i < count; ++i) {
    const int error = i < answered ? static_cast<int>(receipts[i].data) : 0;
    changes[i].result = -RetryForDevice(kqueue, list[i], error);
    if (changes[i].result != 0) ++failed;
  }
  return failed;
}

// Nothing to do: libuv can always add a kqueue that watches no other kqueue. There is no limit to
// the number of paths to a file, and Darwin only compares levels of nesting (kqueue_kqfilter).
int Nest(int /*outer*/, int /*kqueue*/) { return 0; }

int Harvest(int kqueue, Event* events, int capacity) {
  struct kevent raised[kMaxEvents];
  const int most = std::min(capacity, kMaxEvents);
  const int count =
      RetryOnInterrupt([&] { return kevent(kqueue, nullptr, 0, raised, most, &kNow); });
  return count < 0 ? count : ToEvents(raised, count, events);
}

int KqueueWait(int kqueue, Event* events, int capacity, double milliseconds) {
  if (milliseconds == 0) return Harvest(kqueue, events, capacity);
  const Deadline deadline(milliseconds);
  struct kevent raised[kMaxEvents];
  const int most = std::min(capacity, kMaxEvents);
  for (;;) {
    const int count = Wait(kqueue, nullptr, 0, raised, most, deadline);
    if (count <= 0) return count;
    const int kept = ToEvents(raised, count, events);
    if (kept > 0) return kept;
  }
}

int KqueueKevent(int kqueue, const WideEvent* changes, int change_count, WideEvent* events,
                 int capacity, double milliseconds) {
  const Deadline deadline(milliseconds);
  std::vector<struct kevent> list(static_cast<size_t>(change_count));
  std::transform(changes, changes + change_count, list.begin(), FromWide);
  std::vector<struct kevent> raised(static_cast<size_t>(std::max(capacity, change_count)));
  int count = 0;
  // One call can make the changes and wait, if there is room for the error of each change and none
  // has EV_RECEIPT.
  const bool wants_receipts =
      std::any_of(list.begin(), list.end(),
                  [](const struct kevent& change) { return (change.flags & EV_RECEIPT) != 0; });
  if (wants_receipts || change_count > capacity) {
    count = TakeReceipts(kqueue, std::exchange(list, {}), raised.data());
  }
  if (count == 0) {
    count =
        Wait(kqueue, list.data(), static_cast<int>(list.size()), raised.data(), capacity, deadline);
  }
  if (count > 0) std::transform(raised.begin(), raised.begin() + count, events, ToWide);
  return count;
}

}  // namespace iomux
