#ifndef IOMUX_NATIVE_SYS_FILE_WATCH_H_
#define IOMUX_NATIVE_SYS_FILE_WATCH_H_

#include <cstddef>
#include <cstdint>

namespace iomux {

// Changes of files and directories: inotify(7) on Linux, EVFILT_VNODE of kqueue(2) elsewhere. A
// queue has many watches.
//
// Facts
// - inotify: an inode has one watch per queue, whatever the path; adding it again returns the same
//   number. The watch of a directory reports the names of the entries that change. The kernel ends
//   a watch when the inode is gone (IN_IGNORED), and does not reuse its number soon. By default a
//   user may have 128 queues, and many more watches.
// - EVFILT_VNODE: a watch is an open descriptor, and identified by it. The watch of a directory
//   reports that an entry was added or removed, but not which one, and no changes to the files.
//
// What follows for us
// - There is one queue per thread. Records are those of inotify, which need no conversion. Where
//   names are not reported, lib/sources compares listings.

// A record. It is followed by `name_length` bytes, which hold the name up to the first NUL, and
// then by the next record.
struct FileChange {
  int32_t watch;
  uint32_t changes;
  uint32_t cookie;  // the same for both ends of a rename
  uint32_t name_length;
};

// The bits of `changes` on this system; 0 for what it does not report.
struct FileChangeBits {
  uint32_t created, written, deleted, attributes;
  uint32_t moved_from, moved_to;
  // About the watched file or directory itself.
  uint32_t self_deleted, self_moved, unmounted;
  uint32_t lost;  // the watch has ended
  uint32_t full;  // the queue was full: changes of any watch may be missing
};
extern const FileChangeBits kFileChangeBits;

// Whether changes in a directory are reported with a name.
extern const bool kFileChangesHaveNames;
// Whether a watch is a descriptor, which is closed instead of RemoveFileWatch.
extern const bool kFileWatchIsDescriptor;

// A non-blocking descriptor that is readable while there are changes, or a negated errno.
[[nodiscard]] int OpenFileQueue();
// The number of the watch, or a negated errno. `path` ends with a NUL.
[[nodiscard]] int AddFileWatch(int queue, const char* path);
// 0, or a negated errno.
[[nodiscard]] int RemoveFileWatch(int queue, int watch);
// How many bytes of records were read, or a negated errno.
[[nodiscard]] int TakeFileChanges(int queue, uint8_t* into, size_t length);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_FILE_WATCH_H_
