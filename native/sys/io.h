#ifndef IOMUX_NATIVE_SYS_IO_H_
#define IOMUX_NATIVE_SYS_IO_H_

#include <cstddef>
#include <cstdint>

namespace iomux {

// The most bytes that Linux moves in one call. Fits into an int.
inline constexpr size_t kMostBytes = 0x7ffff000;

// read(2) and write(2), repeated if a signal interrupts them: a count of bytes, or a negated errno.
[[nodiscard]] int Read(int fd, uint8_t* into, size_t length);
[[nodiscard]] int Write(int fd, const uint8_t* from, size_t length);
// The same for pread(2).
[[nodiscard]] int ReadAt(int fd, uint8_t* into, size_t length, int64_t position);

// 0, or a negated errno.
[[nodiscard]] int SetNonBlocking(int fd, bool enabled);
[[nodiscard]] int SetCloseOnExec(int fd);

// The access mode and status flags of the open file (F_GETFL), or a negated errno.
[[nodiscard]] int StatusFlags(int fd);
// Another descriptor of the same open file, close-on-exec, or a negated errno.
[[nodiscard]] int Duplicate(int fd);

// The type of the file: the S_IFMT bits of its mode (stat(2)), or a negated errno.
[[nodiscard]] int FileType(int fd);
// The size of a regular file in bytes, or a negated errno.
[[nodiscard]] int64_t FileSize(int fd);

// Whether `fd` is the controlling side of a pseudo-terminal.
[[nodiscard]] bool IsPtyMaster(int fd);

// pipe(2), both ends non-blocking and close-on-exec. 0, or a negated errno.
[[nodiscard]] int Pipe(int ends[2]);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_IO_H_
