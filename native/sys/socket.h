#ifndef IOMUX_NATIVE_SYS_SOCKET_H_
#define IOMUX_NATIVE_SYS_SOCKET_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "native/sys/address.h"

namespace iomux {

// With this flag, sending to a peer that is gone fails with EPIPE, and raises no SIGPIPE. Darwin
// has a socket option instead.
#ifdef MSG_NOSIGNAL
inline constexpr int kNoSignal = MSG_NOSIGNAL;
#else
inline constexpr int kNoSignal = 0;
#endif

// Converts the result of send(2) or sendmsg(2) for a connection. On Darwin they may fail with
// EPROTOTYPE if the peer is just closing, or a VPN has taken over the connection. Like libuv, we
// report ECONNRESET.
#if defined(SO_NOSIGPIPE) && !defined(SOCK_NONBLOCK)
[[nodiscard]] inline int ResultOfSend(ssize_t result) {
  return static_cast<int>(result == -EPROTOTYPE ? -ECONNRESET : result);
}
#else
[[nodiscard]] inline int ResultOfSend(ssize_t result) { return static_cast<int>(result); }
#endif

// The socket option with which listeners share a port and each gets some of the connections; -1
// where there is none that distributes them (Darwin).
extern const int kSharePort;

// A new socket, non-blocking and close-on-exec: its descriptor, or a negated errno. Where the
// kernel has no flags for that (Darwin), a process that is forked between the calls inherits it.
[[nodiscard]] int OpenSocket(int domain, int type, int protocol);

// socketpair(2), both ends non-blocking and close-on-exec. 0, or a negated errno.
[[nodiscard]] int SocketPair(int domain, int type, int protocol, int ends[2]);

// The next connection, non-blocking and close-on-exec: its descriptor, or a negated errno.
[[nodiscard]] int Accept(int fd);

// recv(2) and send(2), repeated if a signal interrupts them: a count of bytes, or a negated errno.
// They do less in the kernel than read(2) and write(2), and never raise SIGPIPE.
[[nodiscard]] int Receive(int fd, uint8_t* into, size_t length);
[[nodiscard]] int Send(int fd, const uint8_t* from, size_t length);

// 0, or a negated errno. Connect may return -EINPROGRESS; once the socket is writable, SocketError
// returns the result.
[[nodiscard]] int Bind(int fd, const Address& address);
[[nodiscard]] int Listen(int fd, int backlog);
[[nodiscard]] int Connect(int fd, const Address& address);
[[nodiscard]] int Shutdown(int fd, int how);
[[nodiscard]] int SetOption(int fd, int level, int name, int value);

// The same for a value of any length. GetOption returns the length, having written as much of the
// value as there is room for.
[[nodiscard]] int SetOptionBytes(int fd, int level, int name, const uint8_t* value, size_t length);
[[nodiscard]] int GetOption(int fd, int level, int name, uint8_t* into, size_t room);

// Returns and clears the pending error of the socket (SO_ERROR): 0 for none, else a negated errno.
[[nodiscard]] int SocketError(int fd);

// SOCK_STREAM and so on, or a negated errno.
[[nodiscard]] int SocketType(int fd);
// 1 for a socket that listens, 0 for one that does not, or a negated errno.
[[nodiscard]] int IsListening(int fd);

[[nodiscard]] int LocalAddress(int fd, Address* address);
[[nodiscard]] int RemoteAddress(int fd, Address* address);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_SOCKET_H_
