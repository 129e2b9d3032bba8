#ifndef IOMUX_NATIVE_SYS_CREDENTIALS_H_
#define IOMUX_NATIVE_SYS_CREDENTIALS_H_

#include <cstdint>

namespace iomux {

// The pid, uid and gid of the peer of a Unix socket, as they were when it connected or listened; -1
// for what the system does not report. 0, or a negated errno.
[[nodiscard]] int PeerCredentials(int fd, int32_t ids[3]);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_CREDENTIALS_H_
