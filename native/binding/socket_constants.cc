// Without this, Darwin's headers do not define IPV6_PKTINFO and related options.
#define __APPLE_USE_RFC_3542 1

#include "native/binding/socket_constants.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "native/binding/functions.h"

namespace iomux {
namespace {

// Constants that every system has. lib/raw/socket-constants.ts exports the same names.
const NamedNumber kPortable[] = {
    {"AF_UNSPEC", AF_UNSPEC},
    {"AF_UNIX", AF_UNIX},
    {"AF_INET", AF_INET},
    {"AF_INET6", AF_INET6},
    {"SOCK_STREAM", SOCK_STREAM},
    {"SOCK_DGRAM", SOCK_DGRAM},
    {"SOCK_RAW", SOCK_RAW},
    {"SOCK_RDM", SOCK_RDM},
    {"SOCK_SEQPACKET", SOCK_SEQPACKET},
    {"SHUT_RD", SHUT_RD},
    {"SHUT_WR", SHUT_WR},
    {"SHUT_RDWR", SHUT_RDWR},
    {"SOL_SOCKET", SOL_SOCKET},
    {"SO_ACCEPTCONN", SO_ACCEPTCONN},
    {"SO_BROADCAST", SO_BROADCAST},
    {"SO_DEBUG", SO_DEBUG},
    {"SO_DONTROUTE", SO_DONTROUTE},
    {"SO_ERROR", SO_ERROR},
    {"SO_KEEPALIVE", SO_KEEPALIVE},
    {"SO_LINGER", SO_LINGER},
    {"SO_OOBINLINE", SO_OOBINLINE},
    {"SO_RCVBUF", SO_RCVBUF},
    {"SO_RCVLOWAT", SO_RCVLOWAT},
    {"SO_RCVTIMEO", SO_RCVTIMEO},
    {"SO_REUSEADDR", SO_REUSEADDR},
    {"SO_REUSEPORT", SO_REUSEPORT},
    {"SO_SNDBUF", SO_SNDBUF},
    {"SO_SNDLOWAT", SO_SNDLOWAT},
    {"SO_SNDTIMEO", SO_SNDTIMEO},
    {"SO_TIMESTAMP", SO_TIMESTAMP},
    {"SO_TYPE", SO_TYPE},
    {"IPPROTO_IP", IPPROTO_IP},
    {"IPPROTO_ICMP", IPPROTO_ICMP},
    {"IPPROTO_IGMP", IPPROTO_IGMP},
    {"IPPROTO_TCP", IPPROTO_TCP},
    {"IPPROTO_UDP", IPPROTO_UDP},
    {"IPPROTO_IPV6", IPPROTO_IPV6},
    {"IPPROTO_ICMPV6", IPPROTO_ICMPV6},
    {"IPPROTO_RAW", IPPROTO_RAW},
    {"TCP_FASTOPEN", TCP_FASTOPEN},
    {"TCP_KEEPCNT", TCP_KEEPCNT},
    {"TCP_KEEPINTVL", TCP_KEEPINTVL},
    {"TCP_MAXSEG", TCP_MAXSEG},
    {"TCP_NODELAY", TCP_NODELAY},
    {"IP_ADD_MEMBERSHIP", IP_ADD_MEMBERSHIP},
    {"IP_ADD_SOURCE_MEMBERSHIP", IP_ADD_SOURCE_MEMBERSHIP},
    {"IP_BLOCK_SOURCE", IP_BLOCK_SOURCE},
    {"IP_DROP_MEMBERSHIP", IP_DROP_MEMBERSHIP},
    {"IP_DROP_SOURCE_MEMBERSHIP", IP_DROP_SOURCE_MEMBERSHIP},
    {"IP_HDRINCL", IP_HDRINCL},
    {"IP_MULTICAST_IF", IP_MULTICAST_IF},
    {"IP_MULTICAST_LOOP", IP_MULTICAST_LOOP},
    {"IP_MULTICAST_TTL", IP_MULTICAST_TTL},
    {"IP_OPTIONS", IP_OPTIONS},
    {"IP_RECVTOS", IP_RECVTOS},
    {"IP_RECVTTL", IP_RECVTTL},
    {"IP_TOS", IP_TOS},
    {"IP_TTL", IP_TTL},
    {"IP_UNBLOCK_SOURCE", IP_UNBLOCK_SOURCE},
    {"IPV6_HOPLIMIT", IPV6_HOPLIMIT},
    {"IPV6_JOIN_GROUP", IPV6_JOIN_GROUP},
    {"IPV6_LEAVE_GROUP", IPV6_LEAVE_GROUP},
    {"IPV6_MULTICAST_HOPS", IPV6_MULTICAST_HOPS},
    {"IPV6_MULTICAST_IF", IPV6_MULTICAST_IF},
    {"IPV6_MULTICAST_LOOP", IPV6_MULTICAST_LOOP},
    {"IPV6_PKTINFO", IPV6_PKTINFO},
    {"IPV6_RECVHOPLIMIT", IPV6_RECVHOPLIMIT},
    {"IPV6_RECVPKTINFO", IPV6_RECVPKTINFO},
    {"IPV6_RECVTCLASS", IPV6_RECVTCLASS},
    {"IPV6_TCLASS", IPV6_TCLASS},
    {"IPV6_UNICAST_HOPS", IPV6_UNICAST_HOPS},
    {"IPV6_V6ONLY", IPV6_V6ONLY},
    {"MSG_CTRUNC", MSG_CTRUNC},
    {"MSG_DONTROUTE", MSG_DONTROUTE},
    {"MSG_DONTWAIT", MSG_DONTWAIT},
    {"MSG_EOR", MSG_EOR},
    {"MSG_OOB", MSG_OOB},
    {"MSG_PEEK", MSG_PEEK},
    {"MSG_TRUNC", MSG_TRUNC},
    {"MSG_WAITALL", MSG_WAITALL},
    {"SCM_RIGHTS", SCM_RIGHTS},
    {"SCM_TIMESTAMP", SCM_TIMESTAMP},
};

}  // namespace

void DefineSocketConstants(Napi::Object exports) {
  for (const auto& [name, value] : kPortable) exports.Set(name, value);
  for (size_t i = 0; i < kParticularSocketConstantCount; ++i) {
    const auto& [name, value] = kParticularSocketConstants[i];
    exports.Set(name, value);
  }
}

}  // namespace iomux
