#include "native/sys/shared_wakers.h"

#include <time.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "native/sys/monitor.h"
#include "native/sys/waker.h"

namespace iomux {
namespace {

constexpr int64_t kMostSerial = int64_t{1} << 52;
constexpr int64_t kNotShared = 0;

// Shared by all threads, and never destroyed, because some may still run when the process ends.
Monitor monitor;
std::vector<int64_t>* serials = nullptr;  // by descriptor
int64_t last_serial = 0;

// A time, so that another copy of this code in the process has other serials, and does not accept
// our handles as its own.
int64_t FirstSerial() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec) % kMostSerial;
}

int64_t& SerialOf(int end) { return (*serials)[static_cast<size_t>(end)]; }

bool IsKnown(int end) {
  return serials != nullptr && end >= 0 && static_cast<size_t>(end) < serials->size();
}

}  // namespace

int64_t ShareWaker(int end) {
  const Inside inside(monitor);
  if (serials == nullptr) {
    serials = new std::vector<int64_t>();
    last_serial = FirstSerial();
  }
  if (!IsKnown(end)) serials->resize(static_cast<size_t>(end) + 64);
  return SerialOf(end) = ++last_serial;
}

int SignalSharedWaker(int end, int64_t serial) {
  const Inside inside(monitor);
  if (serial == kNotShared || !IsKnown(end) || SerialOf(end) != serial) return 0;
  const int result = SignalWaker(end);
  // The other end of a pipe may be closed first.
  if (result == -EPIPE) return 0;
  return result < 0 ? result : 1;
}

void RetractWaker(int end) {
  const Inside inside(monitor);
  if (IsKnown(end)) SerialOf(end) = kNotShared;
}

}  // namespace iomux
