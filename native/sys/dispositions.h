#ifndef IOMUX_NATIVE_SYS_DISPOSITIONS_H_
#define IOMUX_NATIVE_SYS_DISPOSITIONS_H_

#include <signal.h>

namespace iomux {

// Another part of the process, libuv, that handles a signal for users of its own: it installs one
// handler when the first user of the signal comes, and sets the default action when the last one
// goes. While it has a user, it does neither, so a listener is one of its users.
class SignalKeeper {
 public:
  // Adds a user: 0, or a negated errno. `LetGo` removes it, and is also called when this fails. It
  // is not called for the users that keep the default action from ever coming back.
  virtual int Keep(int number) = 0;
  virtual void LetGo(int number) = 0;

 protected:
  ~SignalKeeper() = default;
};

// Our signal handler among those of others (sigaction(2)).
//
// Facts
// - A signal has one disposition. A handler that replaces another one may call it (chaining) or
//   not. libuv does not, and sets the default action at its end.
// - Handlers need not be removed in the reverse order of their installation, and one in the middle
//   of a chain cannot be removed at all.
// - The kernel may choose a handler for a signal, and that call begin only after the handler was
//   uninstalled.
//
// What follows for us
// - Our handler calls what it has displaced, unless that is the default action, SIG_IGN, or a
//   SA_RESETHAND handler, which ends in the default action.
// - libuv gets a user of ours first, and then leaves the disposition alone until that user goes:
//   process.on may come and go in any thread. What libuv has displaced by this is called by our
//   handler too, and restored when the user goes.
// - If the signal was handled or ignored before libuv came, our handler and that user stay for
//   good: libuv would set the default action for a moment, which ends the process. Without
//   listeners our handler only calls the others.
// - A handler that was installed above ours stays. Ours remains below it and passes signals on.
//   Once that handler has left and the kernel calls ours without listeners, ours restores the
//   original disposition and raises the signal again, instead of calling the others.
// - A call that runs late still calls the others. If no listener is left by then, the signal is not
//   reported to anybody, and has no default action either.
// - Two of our handlers (copies of the addon) can each be above the other. A call for a delivery
//   that ours is already busy with returns at once.
//
// The functions that handlers call are async-signal-safe. The others are not, and must be called
// inside the monitor of signal_listener.cc.

inline constexpr int kSignals = 129;  // FreeBSD's highest is 128

using SignalHandler = void (*)(int number, siginfo_t* info, void* context);

// Installs `handler`, which must be the same in every call: 0, or a negated errno. The keeper may
// be null. Each call that succeeds is followed by one `ReleaseSignal`.
[[nodiscard]] int HoldSignal(int number, SignalHandler handler, SignalKeeper* keeper);
void ReleaseSignal(int number, SignalKeeper* keeper);

// These three are for the handler. EnterChain returns false if the handler is already busy with
// this delivery, which then must not be reported again. `place` is for LeaveChain; if it is
// negative, there is no room to remember the delivery, and CallOthers must not be called.
[[nodiscard]] bool EnterChain(const siginfo_t* info, int* place);
void CallOthers(int number, siginfo_t* info, void* context);
void LeaveChain(int place);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_DISPOSITIONS_H_
