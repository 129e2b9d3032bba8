#include <sys/inotify.h>

#include "native/sys/errno.h"
#include "native/sys/file_watch.h"
#include "native/sys/io.h"

namespace iomux {

static_assert(sizeof(FileChange) == sizeof(inotify_event), "the kernel writes the records");

const FileChangeBits kFileChangeBits = {IN_CREATE,     IN_MODIFY,   IN_DELETE,      IN_ATTRIB,
                                        IN_MOVED_FROM, IN_MOVED_TO, IN_DELETE_SELF, IN_MOVE_SELF,
                                        IN_UNMOUNT,    IN_IGNORED,  IN_Q_OVERFLOW};
const bool kFileChangesHaveNames = true;
const bool kFileWatchIsDescriptor = false;

int OpenFileQueue() { return ResultOf(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)); }

int AddFileWatch(int queue, const char* path) {
  // The same for every watch, because a second watch of the inode replaces the mask of the first.
  constexpr uint32_t kMask = IN_CREATE | IN_MODIFY | IN_DELETE | IN_ATTRIB | IN_MOVED_FROM |
                             IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_EXCL_UNLINK;
  return ResultOf(inotify_add_watch(queue, path, kMask));
}

int RemoveFileWatch(int queue, int watch) { return ResultOf(inotify_rm_watch(queue, watch)); }

int TakeFileChanges(int queue, uint8_t* into, size_t length) { return Read(queue, into, length); }

}  // namespace iomux
