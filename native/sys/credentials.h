#ifndef IOMUX_NATIVE_SYS_CREDENTIALS_H_
#define IOMUX_NATIVE_SYS_CREDENTIALS_H_

#include <cstdint>

namespace iomux {

// Who connected, or listened, at the other end of a Unix socket, when it did: pid, uid and gid,
// each -1 where the system does not say. 0, or a negated errno.
[[nodiscard]] int PeerCredentials(int fd, int32_t ids[3]);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_CREDENTIALS_H_
