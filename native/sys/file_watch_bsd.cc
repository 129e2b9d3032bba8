#include <fcntl.h>
#include <sys/types.h>
// After the types that it needs.
#include <sys/event.h>
#include <sys/time.h>

#include <cstring>

#include "native/sys/errno.h"
#include "native/sys/file_watch.h"
#include "native/sys/io.h"
#include "native/sys/unique_fd.h"

namespace iomux {
namespace {

#ifdef O_EVTONLY
// With this mode the volume can still be unmounted.
constexpr int kAccess = O_EVTONLY;
#else
constexpr int kAccess = O_RDONLY;
#endif
// O_NONBLOCK, because opening a FIFO waits for a writer, even with O_EVTONLY.
constexpr int kOpen = kAccess | O_NONBLOCK | O_CLOEXEC;

constexpr unsigned kNotes =
    NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB | NOTE_LINK | NOTE_DELETE | NOTE_RENAME | NOTE_REVOKE;
constexpr int kMostEvents = 64;

}  // namespace

const FileChangeBits kFileChangeBits = {0,
                                        NOTE_WRITE | NOTE_EXTEND,
                                        0,
                                        NOTE_ATTRIB | NOTE_LINK,
                                        0,
                                        0,
                                        NOTE_DELETE,
                                        NOTE_RENAME,
                                        NOTE_REVOKE,
                                        0,
                                        0};
const bool kFileChangesHaveNames = false;
const bool kFileWatchIsDescriptor = true;

int OpenFileQueue() {
  UniqueFd queue(kqueue());
  if (!queue.valid()) return -errno;
  const int result = SetCloseOnExec(queue.get());
  return result < 0 ? result : queue.release();
}

int AddFileWatch(int queue, const char* path) {
  UniqueFd file(RetryOnInterrupt([&] { return open(path, kOpen); }));
  if (!file.valid()) return file.release();
  struct kevent change;
  EV_SET(&change, file.get(), EVFILT_VNODE, EV_ADD | EV_CLEAR, kNotes, 0, nullptr);
  const int result = kevent(queue, &change, 1, nullptr, 0, nullptr);
  // If a signal interrupts the call, the change was made.
  if (result < 0 && errno != EINTR) return -errno;
  return file.release();
}

int RemoveFileWatch(int, int) { return 0; }

int TakeFileChanges(int queue, uint8_t* into, size_t length) {
  struct kevent events[kMostEvents];
  const size_t room = length / sizeof(FileChange);
  const int most = room < kMostEvents ? static_cast<int>(room) : kMostEvents;
  const timespec now{};
  const int count = RetryOnInterrupt([&] { return kevent(queue, nullptr, 0, events, most, &now); });
  if (count <= 0) return count < 0 ? count : -EAGAIN;
  for (int i = 0; i < count; ++i) {
    const FileChange change = {static_cast<int32_t>(events[i].ident), events[i].fflags, 0, 0};
    std::memcpy(into + static_cast<size_t>(i) * sizeof change, &change, sizeof change);
  }
  return count * static_cast<int>(sizeof(FileChange));
}

}  // namespace iomux
