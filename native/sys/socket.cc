#include "native/sys/socket.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/rights.h"
#include "native/sys/unique_fd.h"

namespace iomux {
namespace {

// The value of a SOL_SOCKET option that is never negative, or a negated errno.
int GetNumber(int fd, int name) {
  int value = 0;
  socklen_t length = sizeof value;
  const int result = ResultOf(getsockopt(fd, SOL_SOCKET, name, &value, &length));
  return result < 0 ? result : value;
}

}  // namespace

#if defined(SO_REUSEPORT_LB)
const int kSharePort = SO_REUSEPORT_LB;
#elif defined(SO_ATTACH_REUSEPORT_CBPF)
const int kSharePort = SO_REUSEPORT;
#else
const int kSharePort = -1;
#endif

int Receive(int fd, uint8_t* into, size_t length) {
  return static_cast<int>(ReceiveBytes(fd, into, std::min(length, kMostBytes)));
}

int Send(int fd, const uint8_t* from, size_t length) {
  return ResultOfSend(
      RetryOnInterrupt([&] { return send(fd, from, std::min(length, kMostBytes), kNoSignal); }));
}

#ifdef SOCK_NONBLOCK

int OpenSocket(int domain, int type, int protocol) {
  return ResultOf(socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

int SocketPair(int domain, int type, int protocol, int ends[2]) {
  return ResultOf(socketpair(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol, ends));
}

int Accept(int fd) {
  return RetryOnInterrupt(
      [&] { return accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); });
}

#else

namespace {

#ifdef SO_NOSIGPIPE

// Darwin accepts connections that were reset in the backlog, and refuses to set any option of them
// (EINVAL). This one they have inherited from the listener.
int SetNoSignal(int fd) {
  const int result = SetOption(fd, SOL_SOCKET, SO_NOSIGPIPE, 1);
  return result == -EINVAL ? 0 : result;
}

#else

int SetNoSignal(int) { return 0; }

#endif  // SO_NOSIGPIPE

int Prepare(int fd) {
  int result = SetCloseOnExec(fd);
  if (result == 0) result = SetNonBlocking(fd, true);
  return result == 0 ? SetNoSignal(fd) : result;
}

// The argument, which may be a negated errno. A descriptor that cannot be prepared is closed.
int Prepared(int fd) {
  UniqueFd owner(fd);
  const int result = fd < 0 ? fd : Prepare(fd);
  return result < 0 ? result : owner.release();
}

}  // namespace

int OpenSocket(int domain, int type, int protocol) {
  return Prepared(ResultOf(socket(domain, type, protocol)));
}

int SocketPair(int domain, int type, int protocol, int ends[2]) {
  if (socketpair(domain, type, protocol, ends) < 0) return -errno;
  UniqueFd first(ends[0]);
  UniqueFd second(ends[1]);
  int result = Prepare(ends[0]);
  if (result == 0) result = Prepare(ends[1]);
  if (result < 0) return result;
  static_cast<void>(first.release());
  static_cast<void>(second.release());
  return 0;
}

int Accept(int fd) {
  return Prepared(RetryOnInterrupt([&] { return accept(fd, nullptr, nullptr); }));
}

#endif  // SOCK_NONBLOCK

int Bind(int fd, const Address& address) {
  return ResultOf(bind(fd, address.get(), address.length));
}

int Listen(int fd, int backlog) { return ResultOf(listen(fd, backlog)); }

// A connect(2) that is interrupted continues in the background, as after EINPROGRESS (POSIX).
int Connect(int fd, const Address& address) {
  const int result = ResultOf(connect(fd, address.get(), address.length));
  return result == -EINTR ? -EINPROGRESS : result;
}

int Shutdown(int fd, int how) { return ResultOf(shutdown(fd, how)); }

int SetOption(int fd, int level, int name, int value) {
  return ResultOf(setsockopt(fd, level, name, &value, sizeof value));
}

int SetOptionBytes(int fd, int level, int name, const uint8_t* value, size_t length) {
  return ResultOf(setsockopt(fd, level, name, value, static_cast<socklen_t>(length)));
}

int GetOption(int fd, int level, int name, uint8_t* into, size_t room) {
  auto length = static_cast<socklen_t>(room);
  const int result = ResultOf(getsockopt(fd, level, name, into, &length));
  return result < 0 ? result : static_cast<int>(length);
}

int SocketError(int fd) {
  const int error = GetNumber(fd, SO_ERROR);
  return error > 0 ? -error : error;
}

int SocketType(int fd) { return GetNumber(fd, SO_TYPE); }

int IsListening(int fd) { return std::min(GetNumber(fd, SO_ACCEPTCONN), 1); }

int LocalAddress(int fd, Address* address) {
  address->length = sizeof address->storage;
  return ResultOf(getsockname(fd, address->get(), &address->length));
}

int RemoteAddress(int fd, Address* address) {
  address->length = sizeof address->storage;
  return ResultOf(getpeername(fd, address->get(), &address->length));
}

}  // namespace iomux
