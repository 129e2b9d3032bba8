#ifndef IOMUX_NATIVE_SYS_TRANSFER_H_
#define IOMUX_NATIVE_SYS_TRANSFER_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

namespace iomux {

// The most pieces of one call: IOV_MAX, which is 1,024 on every system that this is built for.
inline constexpr int kMostPieces = 1024;

// Each moves what it can without waiting: a count of bytes, or a negated errno. Calls that a signal
// interrupts are repeated. If the peer is gone, the result is -EPIPE, and all but SendMany raise
// SIGPIPE as well, which Node ignores: the other system calls have no flag against it.

// sendmsg(2) and writev(2): many pieces in one call, for a socket and for everything else.
[[nodiscard]] int SendMany(int fd, const iovec* pieces, int count);
[[nodiscard]] int WriteMany(int fd, const iovec* pieces, int count);

// sendfile(2) from `offset` of the file, whose position does not change. 0 at the end of the file.
// `length` must not be 0. -EINVAL, -ENOTSUP or the like if the kernel cannot do it for these two
// descriptors, and the bytes have to be copied.
[[nodiscard]] int SendFile(int to, int from, int64_t offset, size_t length);

// splice(2); one of the two must be a pipe. -ENOSYS where there is no such call.
[[nodiscard]] int Splice(int from, int to, size_t length);

// Sets the capacity of a pipe: the new capacity, which may be larger, or a negated errno.
[[nodiscard]] int ResizePipe(int fd, int bytes);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_TRANSFER_H_
