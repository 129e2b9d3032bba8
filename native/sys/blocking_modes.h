#ifndef IOMUX_NATIVE_SYS_BLOCKING_MODES_H_
#define IOMUX_NATIVE_SYS_BLOCKING_MODES_H_

#include <sys/types.h>

#include <vector>

namespace iomux {

// Descriptors that were given to us are non-blocking for as long as we have them. O_NONBLOCK is a
// property of the open file, not of the descriptor, so everybody who shares the file sees it: a
// shell whose terminal is left non-blocking fails with EAGAIN. We therefore restore the mode when
// we close the descriptor, or, if several of ours share one open file (standard input and output,
// for instance), when we close the last of them.
//
// A descriptor can be closed behind our back and its number used for another file, which must be
// left as it is; files are told apart by device and inode.
class BlockingModes {
 public:
  // 0, or a negated errno.
  [[nodiscard]] int MakeNonBlocking(int fd);
  // Must be called before the descriptor is closed. Does nothing for one that was not given to us.
  void Restore(int fd);
  // The descriptor is no longer ours: nothing is restored.
  void Forget(int fd);
  void RestoreAll();

 private:
  struct Entry {
    int fd;
    dev_t device;
    ino_t inode;
    bool blocking;  // when it was given to us

    // Whether the descriptor still refers to that file.
    [[nodiscard]] bool IsOpen() const;
  };

  void KeepNonBlockingForOthers(const Entry& restored);

  std::vector<Entry> entries_;
};

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_BLOCKING_MODES_H_
