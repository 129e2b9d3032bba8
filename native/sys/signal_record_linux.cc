#include "native/sys/signal_record.h"

namespace iomux {

// The fields are a union, and si_code says which of them is set; see sigaction(2).
int32_t KnownOf(const siginfo_t& info) {
  switch (info.si_code) {
    case SI_USER:
    case SI_TKILL:
      return kSenderKnown;
    case SI_QUEUE:
    case SI_MESGQ:
    case SI_ASYNCIO:
      return kSenderKnown | kValueKnown;
    case SI_TIMER:
      return kValueKnown;
    default:
      // Sent by the kernel. Only SIGCHLD has a pid, the child's.
      return info.si_signo == SIGCHLD && info.si_code > 0 ? kSenderKnown : 0;
  }
}

// Without those that the C library reserves for itself.
SignalRange RealtimeSignals() { return {SIGRTMIN, SIGRTMAX}; }

}  // namespace iomux
