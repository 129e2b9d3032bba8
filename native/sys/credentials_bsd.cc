#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

#include "native/sys/credentials.h"
#include "native/sys/errno.h"
#include "native/sys/rights.h"

namespace iomux {

const bool kPeeksRights = false;
const bool kReceivesCloseOnExec = false;

namespace {

#ifdef LOCAL_PEERPID

int PeerPid(int fd) {
  pid_t pid = -1;
  socklen_t length = sizeof pid;
  return getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, &pid, &length) < 0 ? -1 : pid;
}

#else

int PeerPid(int) { return -1; }

#endif  // LOCAL_PEERPID

}  // namespace

int PeerCredentials(int fd, int32_t ids[3]) {
  uid_t uid;
  gid_t gid;
  const int result = ResultOf(getpeereid(fd, &uid, &gid));
  if (result < 0) return result;
  ids[0] = PeerPid(fd);
  ids[1] = static_cast<int32_t>(uid);
  ids[2] = static_cast<int32_t>(gid);
  return 0;
}

}  // namespace iomux
