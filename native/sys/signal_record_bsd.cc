#include "native/sys/signal_record.h"

namespace iomux {

// The fields do not overlap, and are zero if they are not set. si_code is no help for the sender:
// Darwin's for kill(2) is not the SI_USER of its headers.
int32_t KnownOf(const siginfo_t& info) {
  const int32_t sender = info.si_pid > 0 ? kSenderKnown : 0;
  return info.si_code == SI_QUEUE || info.si_code == SI_TIMER ? sender | kValueKnown : sender;
}

#ifdef SIGRTMIN

SignalRange RealtimeSignals() { return {SIGRTMIN, SIGRTMAX}; }

#else

SignalRange RealtimeSignals() { return {0, 0}; }

#endif  // SIGRTMIN

}  // namespace iomux
