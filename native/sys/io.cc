#include "native/sys/io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "native/sys/errno.h"
#include "native/sys/unique_fd.h"

namespace iomux {
int Read(int fd, uint8_t* into, size_t length) {
  return static_cast<int>(
      RetryOnInterrupt([&] { return read(fd, into, std::min(length, kMostBytes)); }));
}

int Write(int fd, const uint8_t* from, size_t length) {
  return static_cast<int>(
      RetryOnInterrupt([&] { return write(fd, from, std::min(length, kMostBytes)); }));
}

int ReadAt(int fd, uint8_t* into, size_t length, int64_t position) {
  return static_cast<int>(RetryOnInterrupt(
      [&] { return pread(fd, into, std::min(length, kMostBytes), static_cast<off_t>(position)); }));
}

int SetNonBlocking(int fd, bool enabled) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  const int wanted = enabled ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
  return wanted == flags ? 0 : ResultOf(fcntl(fd, F_SETFL, wanted));
}

int SetCloseOnExec(int fd) {
  const int flags = fcntl(fd, F_GETFD);
  if (flags < 0) return -errno;
  return (flags & FD_CLOEXEC) != 0 ? 0 : ResultOf(fcntl(fd, F_SETFD, flags | FD_CLOEXEC));
}

int StatusFlags(int fd) { return ResultOf(fcntl(fd, F_GETFL)); }
int Duplicate(int fd) { return ResultOf(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

int FileType(int fd) {
  struct stat status;
  return fstat(fd, &status) < 0 ? -errno : static_cast<int>(status.st_mode & S_IFMT);
}

int64_t FileSize(int fd) {
  struct stat status;
  return fstat(fd, &status) < 0 ? -errno : static_cast<int64_t>(status.st_size);
}

// Only the controlling side has a name for its other side.
bool IsPtyMaster(int fd) {
  char name[128];
  return ptsname_r(fd, name, sizeof name) == 0;
}

// Systems that have flags for socket(2) have pipe2(2), too.
#ifdef SOCK_NONBLOCK

int Pipe(int ends[2]) { return ResultOf(pipe2(ends, O_NONBLOCK | O_CLOEXEC)); }

#else

int Pipe(int ends[2]) {
  if (pipe(ends) < 0) return -errno;
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  for (const int fd : {ends[0], ends[1]}) {
    int result = SetCloseOnExec(fd);
    if (result == 0) result = SetNonBlocking(fd, true);
    if (result < 0) return result;
  }
  static_cast<void>(reader.release());
  static_cast<void>(writer.release());
  return 0;
}

#endif  // SOCK_NONBLOCK

}  // namespace iomux
