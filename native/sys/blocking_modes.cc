#include "native/sys/blocking_modes.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "native/sys/io.h"

namespace iomux {

bool BlockingModes::Entry::IsOpen() const {
  struct stat status;
  return fstat(fd, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

int BlockingModes::MakeNonBlocking(int fd) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -errno;
  const int flags = StatusFlags(fd);
  if (flags < 0) return flags;
  const int result = SetNonBlocking(fd, true);
  if (result == 0)
    entries_.push_back({fd, status.st_dev, status.st_ino, (flags & O_NONBLOCK) == 0});
  return result;
}

void BlockingModes::Restore(int fd) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [fd](const Entry& entry) { return entry.fd == fd; });
  if (found == entries_.end()) return;
  const Entry entry = *found;
  entries_.erase(found);
  if (!entry.blocking || !entry.IsOpen()) return;
  if (SetNonBlocking(fd, false) == 0) KeepNonBlockingForOthers(entry);
}

void BlockingModes::Forget(int fd) {
  const auto is_of = [fd](const Entry& entry) { return entry.fd == fd; };
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(), is_of), entries_.end());
}

// Any other of our descriptors that has just become blocking shares the open file. It is made
// non-blocking again, and is now the one to restore.
void BlockingModes::KeepNonBlockingForOthers(const Entry& restored) {
  for (Entry& entry : entries_) {
    if (entry.device != restored.device || entry.inode != restored.inode) continue;
    const int flags = StatusFlags(entry.fd);
    if (flags < 0 || (flags & O_NONBLOCK) != 0 || !entry.IsOpen()) continue;
    if (SetNonBlocking(entry.fd, true) == 0) entry.blocking = true;
  }
}

void BlockingModes::RestoreAll() {
  for (const Entry& entry : entries_) {
    if (entry.blocking && entry.IsOpen()) static_cast<void>(SetNonBlocking(entry.fd, false));
  }
  entries_.clear();
}

}  // namespace iomux
