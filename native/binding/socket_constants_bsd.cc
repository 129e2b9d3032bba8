#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "native/binding/environment.h"
#include "native/binding/functions.h"

namespace iomux {
namespace {

// Darwin, FreeBSD and their versions differ in which of these they have.
const NamedNumber kConstants[] = {
#ifdef AF_LINK
    {"AF_LINK", AF_LINK},
#endif
#ifdef AF_ROUTE
    {"AF_ROUTE", AF_ROUTE},
#endif
#ifdef AF_SYSTEM
    {"AF_SYSTEM", AF_SYSTEM},
#endif
#ifdef AF_VSOCK
    {"AF_VSOCK", AF_VSOCK},
#endif
#ifdef SOL_LOCAL
    {"SOL_LOCAL", SOL_LOCAL},
#endif
#ifdef SO_DOMAIN
    {"SO_DOMAIN", SO_DOMAIN},
#endif
#ifdef SO_LINGER_SEC
    {"SO_LINGER_SEC", SO_LINGER_SEC},
#endif
#ifdef SO_NOSIGPIPE
    {"SO_NOSIGPIPE", SO_NOSIGPIPE},
#endif
#ifdef SO_NREAD
    {"SO_NREAD", SO_NREAD},
#endif
#ifdef SO_NWRITE
    {"SO_NWRITE", SO_NWRITE},
#endif
#ifdef SO_PROTOCOL
    {"SO_PROTOCOL", SO_PROTOCOL},
#endif
#ifdef SO_USELOOPBACK
    {"SO_USELOOPBACK", SO_USELOOPBACK},
#endif
#ifdef TCP_CONNECTIONTIMEOUT
    {"TCP_CONNECTIONTIMEOUT", TCP_CONNECTIONTIMEOUT},
#endif
#ifdef TCP_CORK
    {"TCP_CORK", TCP_CORK},
#endif
#ifdef TCP_INFO
    {"TCP_INFO", TCP_INFO},
#endif
#ifdef TCP_KEEPALIVE
    {"TCP_KEEPALIVE", TCP_KEEPALIVE},
#endif
#ifdef TCP_KEEPIDLE
    {"TCP_KEEPIDLE", TCP_KEEPIDLE},
#endif
#ifdef TCP_KEEPINIT
    {"TCP_KEEPINIT", TCP_KEEPINIT},
#endif
#ifdef TCP_NOPUSH
    {"TCP_NOPUSH", TCP_NOPUSH},
#endif
#ifdef TCP_NOTSENT_LOWAT
    {"TCP_NOTSENT_LOWAT", TCP_NOTSENT_LOWAT},
#endif
#ifdef TCP_RXT_CONNDROPTIME
    {"TCP_RXT_CONNDROPTIME", TCP_RXT_CONNDROPTIME},
#endif
#ifdef IP_BOUND_IF
    {"IP_BOUND_IF", IP_BOUND_IF},
#endif
#ifdef IP_DONTFRAG
    {"IP_DONTFRAG", IP_DONTFRAG},
#endif
#ifdef IP_PKTINFO
    {"IP_PKTINFO", IP_PKTINFO},
#endif
#ifdef IP_RECVDSTADDR
    {"IP_RECVDSTADDR", IP_RECVDSTADDR},
#endif
#ifdef IP_RECVIF
    {"IP_RECVIF", IP_RECVIF},
#endif
#ifdef IPV6_BOUND_IF
    {"IPV6_BOUND_IF", IPV6_BOUND_IF},
#endif
#ifdef IPV6_DONTFRAG
    {"IPV6_DONTFRAG", IPV6_DONTFRAG},
#endif
#ifdef LOCAL_PEERCRED
    {"LOCAL_PEERCRED", LOCAL_PEERCRED},
#endif
#ifdef LOCAL_PEERPID
    {"LOCAL_PEERPID", LOCAL_PEERPID},
#endif
#ifdef MSG_CMSG_CLOEXEC
    {"MSG_CMSG_CLOEXEC", MSG_CMSG_CLOEXEC},
#endif
#ifdef MSG_EOF
    {"MSG_EOF", MSG_EOF},
#endif
#ifdef MSG_NEEDSA
    {"MSG_NEEDSA", MSG_NEEDSA},
#endif
#ifdef MSG_NOSIGNAL
    {"MSG_NOSIGNAL", MSG_NOSIGNAL},
#endif
#ifdef SCM_CREDS
    {"SCM_CREDS", SCM_CREDS},
#endif
#ifdef VMADDR_CID_ANY
    {"VMADDR_CID_ANY", VMADDR_CID_ANY},
#endif
#ifdef VMADDR_CID_HOST
    {"VMADDR_CID_HOST", VMADDR_CID_HOST},
#endif
#ifdef VMADDR_PORT_ANY
    {"VMADDR_PORT_ANY", VMADDR_PORT_ANY},
#endif
};

}  // namespace

void DefineParticularSocketConstants(Napi::Object exports) {
  for (const auto& [name, value] : kConstants) exports.Set(name, value);
}

}  // namespace iomux
