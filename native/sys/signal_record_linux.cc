#include "native/sys/signal_record.h"

namespace iomux {

// The fields lie over each other, and the code says which of them there are; sigaction(2).
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
      // The kernel's own. Only that of a child tells of a process, which is the child.
      return info.si_signo == SIGCHLD && info.si_code > 0 ? kSenderKnown : 0;
  }
}

// The C library keeps some of them for itself.
SignalRange RealtimeSignals() { return {SIGRTMIN, SIGRTMAX}; }

}  // namespace iomux
