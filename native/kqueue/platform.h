#ifndef IOMUX_NATIVE_KQUEUE_PLATFORM_H_
#define IOMUX_NATIVE_KQUEUE_PLATFORM_H_

#include <sys/types.h>
// After the types that it needs on FreeBSD.
#include <sys/event.h>
#include <sys/stat.h>

// Differences between macOS and FreeBSD other than the numbers that lib/raw passes.
namespace iomux {

#ifdef __APPLE__

// Data that is not urgent raises EVFILT_EXCEPT, too.
inline bool IsFalseAlarm(const struct kevent& event) {
  return event.filter == EVFILT_EXCEPT && (event.fflags & NOTE_OOB) == 0 &&
         (event.flags & EV_EOF) == 0;
}

// A device that does not count its data refuses both filters (EINVAL), unless the change says that
// any amount will do (filt_specattach). Makes the change say so, and returns whether it applies.
inline bool AskForAny(struct kevent* change) {
  if (change->filter != EVFILT_READ && change->filter != EVFILT_WRITE) return false;
  struct stat status;
  if (fstat(static_cast<int>(change->ident), &status) < 0 || !S_ISCHR(status.st_mode)) return false;
  change->fflags = NOTE_LOWAT;
  change->data = 1;
  return true;
}

// Named FIFOs only: a pipe(2) has no device.
inline bool HidesItsEnd(const struct stat& status) {
  return S_ISFIFO(status.st_mode) && status.st_dev != 0;
}

#else

inline bool IsFalseAlarm(const struct kevent&) { return false; }

inline bool AskForAny(struct kevent*) { return false; }

inline bool HidesItsEnd(const struct stat&) { return false; }

#endif  // __APPLE__

}  // namespace iomux

#endif  // IOMUX_NATIVE_KQUEUE_PLATFORM_H_
