#ifndef IOMUX_NATIVE_SYS_FILE_WATCH_H_
#define IOMUX_NATIVE_SYS_FILE_WATCH_H_

#include <cstddef>
#include <cstdint>

namespace iomux {

// Changes of files and directories: inotify(7) on Linux, EVFILT_VNODE of kqueue(2) elsewhere. One
// queue is for many watches. Facts:
// - inotify: an inode has one watch in a queue, whatever the path, and adding it again answers with
//   the same number. A directory's watch tells the names of what changes in it. The kernel ends a
//   watch by itself when the inode has gone (IN_IGNORED), and numbers are not used again soon.
//   A user may have 128 queues by default, and many more watches.
// - EVFILT_VNODE: a watch is an open descriptor, which it is known by. That of a directory tells
//   that an entry has come or gone, and not which; nothing of what happens inside its files.
// What follows: one queue per thread, and records as inotify has them, which need no conversion;
// whoever is not told a name looks for himself.

// As it lies in the buffer, followed by `name_length` bytes of the name, which ends with its first
// NUL. The next record follows at once.
struct FileChange {
  int32_t watch;
  uint32_t changes;
  uint32_t cookie;  // the same for both ends of a rename
  uint32_t name_length;
};

// The bits of `changes`, as this system has them; 0 for what it does not tell.
struct FileChangeBits {
  uint32_t created, written, deleted, attributes;
  uint32_t moved_from, moved_to;
  // Of the watched file or directory.
  uint32_t self_deleted, self_moved, unmounted;
  uint32_t lost;  // the watch has ended
  uint32_t full;  // the queue: changes of any watch are missing
};
extern const FileChangeBits kFileChangeBits;

// Whether changes in a directory come with a name.
extern const bool kFileChangesHaveNames;
// Whether a watch is a descriptor, to be closed instead of being removed.
extern const bool kFileWatchIsDescriptor;

// A non-blocking descriptor that is readable while there are changes, or a negated errno.
[[nodiscard]] int OpenFileQueue();
// `path` ends with a NUL. The number of the watch, or a negated errno.
[[nodiscard]] int AddFileWatch(int queue, const char* path);
// 0, or a negated errno.
[[nodiscard]] int RemoveFileWatch(int queue, int watch);
// How many bytes of records, or a negated errno.
[[nodiscard]] int TakeFileChanges(int queue, uint8_t* into, size_t length);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_FILE_WATCH_H_
