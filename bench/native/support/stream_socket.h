// Stream sockets as the programs of this folder open them: TCP without delay, or Unix.

#ifndef BENCH_NATIVE_SUPPORT_STREAM_SOCKET_H_
#define BENCH_NATIVE_SUPPORT_STREAM_SOCKET_H_

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "support/address.h"
#include "support/must.h"
#include "support/unique_fd.h"

namespace bench {

inline void SetNoDelay(int fd) {
  const int on = 1;
  Must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
}

// Non-blocking. What it accepts inherits TCP_NODELAY.
[[nodiscard]] inline UniqueFd ListenOn(const Address& address) {
  UniqueFd fd(
      Must(socket(address.domain(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  if (address.is_internet()) SetNoDelay(fd.get());
  Must(bind(fd.get(), address.get(), address.length()), "bind");
  Must(listen(fd.get(), SOMAXCONN), "listen");
  return fd;
}

// Blocks until connected, which keeps the set-up simple and off the clock; non-blocking from then
// on.
[[nodiscard]] inline UniqueFd ConnectTo(const Address& address) {
  UniqueFd fd(Must(socket(address.domain(), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
  Must(connect(fd.get(), address.get(), address.length()), "connect");
  if (address.is_internet()) SetNoDelay(fd.get());
  Must(fcntl(fd.get(), F_SETFL, O_NONBLOCK), "fcntl");
  return fd;
}

// Calls handle(UniqueFd) for every pending connection; they are non-blocking.
template <typename Handle>
void AcceptAll(int listener, Handle handle) {
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && errno == EAGAIN) return;
    if (fd < 0 && errno == ECONNABORTED) continue;
    handle(UniqueFd(Must(fd, "accept4")));
  }
}

}  // namespace bench

#endif  // BENCH_NATIVE_SUPPORT_STREAM_SOCKET_H_
