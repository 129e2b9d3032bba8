#ifndef IOMUX_NATIVE_SYS_DISPOSITIONS_H_
#define IOMUX_NATIVE_SYS_DISPOSITIONS_H_

#include <signal.h>

namespace iomux {

// Who else in the process handles a signal through one handler that it installs when the first of
// its users comes, and takes away, to the default action, when the last one goes: libuv. While it
// has a user, it does neither.
class SignalKeeper {
 public:
  // Be a user of it: 0, or a negated errno. Each is followed by one `LetGo`, also one that fails;
  // but for one of a number whose default must not come back.
  virtual int Keep(int number) = 0;
  virtual void LetGo(int number) = 0;

 protected:
  ~SignalKeeper() = default;
};

// What the process does on a signal (sigaction(2)), and that others have handlers too. Facts:
// - There is one disposition for each number. Whoever sets it may keep the one that was there and
//   call it (chaining), or not: libuv does not, and when it goes, it sets the default.
// - Handlers need not go in the opposite order in which they came. Who is in the middle of a chain
//   cannot get out of it.
// What follows:
// - Ours calls whatever it has displaced, unless that was the default action, nothing, or a handler
//   for once (SA_RESETHAND), which ends in the default action.
// - libuv gets a user of ours before, and so leaves the disposition alone until that has gone:
//   process.on may come and go in between, in any thread. What libuv has displaced by that is
//   called by us too, and put back when libuv has gone.
// - Where a signal was ignored or handled before libuv came, ours and its user stay for good: libuv
//   would set the default for a moment, which ends the process. Ours tells nobody then, and calls
//   the others.
// - Somebody who came after us stays. Ours remains below and passes on what it is called with.
//   Left behind and called by the kernel, it puts back what there was, and raises the signal once
//   more instead of calling the others.
// - The kernel may have chosen ours before it was taken away, for a handler that has not begun yet.
//   That one calls the others as well. What it tells to nobody has come while somebody held it, and
//   has no default action.
// - Two of us in one process may come to stand above each other in both orders. A call that belongs
//   to one that has not returned, of the same signal, returns at once.
//
// The functions that are called by handlers are async-signal-safe; the others are not, and are to
// be called inside `SignalMonitor`.

inline constexpr int kSignals = 129;  // FreeBSD's highest is 128

using SignalHandler = void (*)(int number, siginfo_t* info, void* context);

// From now on `handler` is called, which must be the same each time: 0, or a negated errno. The
// keeper may be null. Each that succeeds is followed by one `ReleaseSignal`.
[[nodiscard]] int HoldSignal(int number, SignalHandler handler, SignalKeeper* keeper);
void ReleaseSignal(int number, SignalKeeper* keeper);

// By the handler: calls the others. Answers false, having called nobody, when it is one of these
// that has called the handler.
[[nodiscard]] bool EnterChain(const siginfo_t* info, int* place);
void CallOthers(int number, siginfo_t* info, void* context);
void LeaveChain(int place);

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_DISPOSITIONS_H_
