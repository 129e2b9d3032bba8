#include <sys/socket.h>

#include "native/sys/credentials.h"
#include "native/sys/errno.h"
#include "native/sys/rights.h"

namespace iomux {

const bool kPeeksRights = true;
const bool kReceivesCloseOnExec = true;

// A socket that is no Unix socket, or not connected, reports pid 0.
int PeerCredentials(int fd, int32_t ids[3]) {
  ucred peer{};
  socklen_t length = sizeof peer;
  const int result = ResultOf(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length));
  if (result < 0) return result;
  if (peer.pid == 0 && peer.uid == static_cast<uid_t>(-1)) return -ENOTCONN;
  ids[0] = peer.pid;
  ids[1] = static_cast<int32_t>(peer.uid);
  ids[2] = static_cast<int32_t>(peer.gid);
  return 0;
}

}  // namespace iomux
