#ifndef IOMUX_NATIVE_SYS_RIGHTS_H_
#define IOMUX_NATIVE_SYS_RIGHTS_H_

#include <sys/socket.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

// Descriptors that arrive with a message (SCM_RIGHTS) and for which there is no room. Linux and
// FreeBSD close them. Darwin makes them descriptors of this process anyway, without reporting their
// numbers (soreceive_ctl and copyout_control in its kernel). There, every call has room for all of
// them, and the superfluous ones are closed here.
namespace iomux {

// recv(2) and recvmsg(2), repeated if a signal interrupts them: a count of bytes, or a negated
// errno. If descriptors were closed because `header` has no room for them, MSG_CTRUNC is set, but
// on FreeBSD only if it has a control buffer; and there all descriptors of a message are closed if
// one has no room.
[[nodiscard]] ssize_t ReceiveBytes(int fd, uint8_t* into, size_t length);
[[nodiscard]] ssize_t ReceiveHeader(int fd, msghdr* header, int flags);

// Whether MSG_PEEK returns descriptors. Otherwise their place holds something else: zeros on
// Darwin, the kernel's own representation on FreeBSD.
extern const bool kPeeksRights;  // credentials_linux.cc or credentials_bsd.cc

// Whether MSG_CMSG_CLOEXEC makes received descriptors close-on-exec. Darwin has no such flag, and
// FreeBSD 12.3 ignores it.
extern const bool kReceivesCloseOnExec;  // likewise

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_RIGHTS_H_
