#ifndef IOMUX_NATIVE_SYS_TRANSFER_H_
#define IOMUX_NATIVE_SYS_TRANSFER_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

namespace iomux {

// How many pieces one call takes: IOV_MAX, which is 1,024 on every system that this is built for.
inline constexpr int kMostPieces = 1024;

// Each moves what it can at once and answers with a count of bytes, or a negated errno; none is
// interrupted by a signal. A peer that has gone is EPIPE. Only SendMany spares the process the
// SIGPIPE that comes with it: the other calls have no flag for that, and Node ignores the signal.

// sendmsg(2) and writev(2): many pieces in one call, for a socket and for everything else.
[[nodiscard]] int SendMany(int fd, const iovec* pieces, int count);
[[nodiscard]] int WriteMany(int fd, const iovec* pieces, int count);

// sendfile(2), from `offset` of the file, whose position stays where it is. 0 at the file's end.
// `length` must not be 0. EINVAL, ENOTSUP and the like where the kernel cannot do it for these two
// descriptors, so that a copy has to.
[[nodiscard]] int SendFile(int to, int from, int64_t offset, size_t length);

// splice(2), where one of the two is a pipe, without waiting. ENOSYS where there is none.
[[nodiscard]] int Splice(int from, int to, size_t length);

// Asks for so much room in a pipe: how much it has now, or a negated errno.
[[nodiscard]] int ResizePipe(int fd, int bytes);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_TRANSFER_H_
