#ifndef IOMUX_NATIVE_SYS_RIGHTS_H_
#define IOMUX_NATIVE_SYS_RIGHTS_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

// Descriptors that come along with a message (SCM_RIGHTS) and that there is no room for. Linux and
// FreeBSD close them. Darwin makes them descriptors of this process whether there is room or not,
// and tells nobody their numbers (soreceive_ctl and copyout_control of its kernel): there every
// call has room for all of them, and what nobody has asked for is closed here.
namespace iomux {

// recv(2) and recvmsg(2), repeated when a signal interrupts them: a count of bytes, or a negated
// errno. Descriptors that `header` has no room for are closed, and MSG_CTRUNC says so.
[[nodiscard]] ssize_t ReceiveBytes(int fd, uint8_t* into, size_t length);
[[nodiscard]] ssize_t ReceiveHeader(int fd, msghdr* header, int flags);

// Whether there are descriptors in what is only looked at (MSG_PEEK). Elsewhere something else
// stands in their place: zeros on Darwin, what the kernel has instead of them on FreeBSD.
extern const bool kPeeksRights;  // credentials_linux.cc or credentials_bsd.cc

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_RIGHTS_H_
