#ifndef IOMUX_NATIVE_SYS_BLOCKING_MODES_H_
#define IOMUX_NATIVE_SYS_BLOCKING_MODES_H_

#include <sys/types.h>

#include <vector>

namespace iomux {

// Descriptors that were given to us are non-blocking for as long as we have them. O_NONBLOCK
// belongs to the open file and not to the descriptor, so that whoever else has the file sees it
// too: a shell whose terminal is left non-blocking fails with EAGAIN. It is therefore given back as
// it was, unless another one of our descriptors is the same open file, such as standard input and
// output: then by the last of them.
//
// A descriptor can be closed behind our back and its number used for another file, which must be
// left as it is. Files are told apart by device and inode.
class BlockingModes {
 public:
  // 0, or a negated errno.
  [[nodiscard]] int MakeNonBlocking(int fd);
  // Must be called before the descriptor is closed. Does nothing for one that was not given to us.
  void Restore(int fd);
  // The descriptor is somebody else's by now: nothing is restored.
  void Forget(int fd);
  void RestoreAll();

 private:
  struct Entry {
    int fd;
    dev_t device;
    ino_t file;
    bool blocked;  // before it was given to us

    // Whether the descriptor still refers to that file.
    [[nodiscard]] bool IsOpen() const;
  };

  void Share(const Entry& restored);

  std::vector<Entry> entries_;
};

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_BLOCKING_MODES_H_
