#ifndef IOMUX_NATIVE_KQUEUE_PLATFORM_H_
#define IOMUX_NATIVE_KQUEUE_PLATFORM_H_

#include <sys/event.h>
#include <sys/stat.h>
#include <sys/types.h>  // before <sys/event.h> on FreeBSD

// Where macOS and FreeBSD differ in more than the numbers that lib/raw passes.
namespace iomux {

#ifdef __APPLE__

// EVFILT_EXCEPT is also raised by data that is not urgent.
inline bool IsFalseAlarm(const struct kevent& event) {
  return event.filter == EVFILT_EXCEPT && (event.fflags & NOTE_OOB) == 0 &&
         (event.flags & EV_EOF) == 0;
}

// A device that does not count what it has refuses both filters (EINVAL), unless it is told that
// any of it will do (filt_specattach). Answers whether it may be told so.
inline bool AskForAny(struct kevent* change) {
  if (change->filter != EVFILT_READ && change->filter != EVFILT_WRITE) return false;
  struct stat status;
  if (fstat(static_cast<int>(change->ident), &status) < 0 || !S_ISCHR(status.st_mode)) return false;
  change->fflags = NOTE_LOWAT;
  change->data = 1;
  return true;
}

// A pipe(2) is on no device.
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
