#include "native/sys/dispositions.h"

#include <dlfcn.h>

#include <atomic>

#include "native/sys/errno.h"

namespace iomux {
namespace {

// A disposition that somebody else has set. Immutable and never freed, because a handler may be
// reading it at any time.
struct Disposition {
  struct sigaction action;
  const Disposition* next;
};

// How many displaced handlers we call for one signal: the most recently displaced ones.
constexpr int kMaxChained = 4;

// The state of a handler of ours that could not be uninstalled when the last holder released the
// signal.
enum class Leftover {
  kNone,       // the signal is held, or our handler was uninstalled
  kInstalled,  // it is below another handler, or that one has put it back and left
  kRestored,   // it was called without holders, and has restored the original disposition
};

struct Signal {
  // What our handler calls, most recently displaced first.
  std::atomic<const Disposition*> chained[kMaxChained];
  // The disposition before we came; null while our handler is not installed at any level.
  std::atomic<const Disposition*> original;
  std::atomic<Leftover> leftover;
  int holders;
  // What our handler displaced when it was last installed.
  const Disposition* displaced;
  // The keeper's handler, if that displaced something when we became its user; else null.
  const Disposition* keepers;
  // Whether our handler is in the chain twice: also below one that it has displaced itself.
  bool also_below;
  // Every disposition that was ever seen for this signal, for reuse.
  const Disposition* seen;
};

Signal signals[kSignals];
SignalHandler our_handler;

// The deliveries that our handler is busy with, identified by the address of their siginfo_t.
constexpr int kMaxBusy = 64;
std::atomic<const siginfo_t*> busy[kMaxBusy];

// A SA_RESETHAND handler ends by raising the signal again for the default action, like Node's own
// handlers for SIGINT and SIGTERM. While the signal is held the default action is not taken, so
// such a handler is not called either.
bool MustBeCalled(const struct sigaction& action) {
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN &&
         (static_cast<unsigned>(action.sa_flags) & SA_RESETHAND) == 0;
}

bool LeadsToDefault(const struct sigaction& action) {
  return action.sa_handler != SIG_IGN && !MustBeCalled(action);
}

bool IsOurs(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == our_handler;
}

bool IsSame(const struct sigaction& one, const struct sigaction& other) {
  return one.sa_handler == other.sa_handler && one.sa_flags == other.sa_flags;
}

const Disposition* Intern(Signal& signal, const struct sigaction& action) {
  for (auto* known = signal.seen; known != nullptr; known = known->next) {
    if (IsSame(known->action, action)) return known;
  }
  return signal.seen = new Disposition{action, signal.seen};
}

void AddChained(Signal& signal, const Disposition* disposition) {
  for (const auto& known : signal.chained) {
    if (known == disposition) return;
  }
  for (int i = kMaxChained - 1; i > 0; --i) signal.chained[i] = signal.chained[i - 1].load();
  signal.chained[0] = disposition;
}

// The handler's code must stay in memory. A Worker's addon is unloaded with the Worker, but the
// handler may be running then, or another handler may still call it.
void KeepLoaded() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(our_handler), &info) == 0) return;
  dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

// Installs our handler above the current disposition: 0, or a negated errno. `before` is the
// disposition before the keeper was used, which may just have displaced it.
int Install(int number, const struct sigaction& before) {
  Signal& signal = signals[number];
  struct sigaction current;
  if (sigaction(number, nullptr, &current) < 0) return -errno;
  if (IsOurs(current)) return 0;
  const bool in_chain = signal.original != nullptr;
  const Disposition* previous = IsOurs(before) ? signal.displaced : Intern(signal, before);
  const Disposition* displaced = Intern(signal, current);
  if (MustBeCalled(previous->action)) AddChained(signal, previous);
  if (MustBeCalled(current)) AddChained(signal, displaced);
  // If so, the keeper has just displaced it.
  const bool was_on_top = in_chain && IsOurs(before);
  const bool also_below = in_chain && (was_on_top ? signal.also_below : MustBeCalled(before));
  if (!was_on_top && !also_below) {
    // A new chain begins: our handler was not installed, or the one above it has left without
    // putting it back. Handlers that are in both chains stay: a call for a signal from before,
    // which runs late, still has to reach them.
    for (auto& chained : signal.chained) {
      if (chained != previous && chained != displaced) chained = nullptr;
    }
  }
  struct sigaction action {};
  action.sa_sigaction = our_handler;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  if (sigaction(number, &action, nullptr) < 0) return -errno;
  if (!was_on_top && !also_below) signal.original = previous;
  if (!IsSame(before, current)) signal.keepers = displaced;
  signal.displaced = displaced;
  signal.also_below = also_below;
  return 0;
}

// Restores what our handler has displaced, unless another handler is above ours: whether it did.
bool Uninstall(int number) {
  struct sigaction current;
  if (sigaction(number, nullptr, &current) < 0 || !IsOurs(current)) return false;
  return sigaction(number, &signals[number].displaced->action, nullptr) == 0;
}

// After Uninstall. Our handler is not on top any more, but may still be called from above.
//
// `chained` is kept: the kernel may already have chosen our handler for a signal, and that call has
// yet to reach them; there is no way to tell when the last such call is over. The exception is the
// handler that ours is also below: it is the one that calls ours from now on.
void LeaveTop(Signal& signal) {
  signal.keepers = nullptr;
  if (!signal.also_below) {
    signal.original = nullptr;
    return;
  }
  for (auto& chained : signal.chained) {
    if (chained == signal.displaced) chained = nullptr;
  }
}

// Called by the handler. If the signal has no holder any more and ours is on top, because the
// handler above it has left, this restores the original disposition and raises the signal for it.
bool RestoreOriginal(int number) {
  Signal& signal = signals[number];
  const Disposition* original = signal.original;
  Leftover leftover = signal.leftover;
  if (leftover != Leftover::kInstalled || original == nullptr) return false;
  struct sigaction current;
  if (sigaction(number, nullptr, &current) < 0 || !IsOurs(current)) return false;
  sigaction(number, &original->action, nullptr);
  signal.leftover.compare_exchange_strong(leftover, Leftover::kRestored);
  if (leftover == Leftover::kNone) {
    // HoldSignal has run meanwhile, and may have found our handler still installed.
    sigaction(number, &current, nullptr);
    return false;
  }
  raise(number);  // blocked until the handler returns
  return true;
}

// Ends our use of the keeper, which sets the default if it has no other user. That is replaced by
// the disposition that should remain.
void ReleaseKeeper(int number, SignalKeeper& keeper) {
  const Signal& signal = signals[number];
  struct sigaction remaining;
  const bool known = sigaction(number, nullptr, &remaining) == 0 && signal.keepers != nullptr;
  keeper.LetGo(number);
  if (!known) return;
  if (IsSame(remaining, signal.keepers->action)) remaining = signal.original.load()->action;
  struct sigaction current;
  if (remaining.sa_handler == SIG_DFL || sigaction(number, nullptr, &current) < 0) return;
  if (current.sa_handler != SIG_DFL) return;
  sigaction(number, &remaining, &current);
  // Somebody has set a handler between the two calls: it stays.
  if (current.sa_handler != SIG_DFL) sigaction(number, &current, nullptr);
}

}  // namespace

int HoldSignal(int number, SignalHandler handler, SignalKeeper* keeper) {
  if (our_handler == nullptr) {
    our_handler = handler;
    KeepLoaded();
  }
  Signal& signal = signals[number];
  const Leftover leftover = signal.leftover.exchange(Leftover::kNone);
  if (leftover == Leftover::kRestored) signal.original = nullptr;
  struct sigaction before;
  int result = sigaction(number, nullptr, &before) < 0 ? -errno : 0;
  if (result == 0) {
    // The keeper comes first: without a user, it would set its handler or the default whenever
    // another user comes or goes.
    if (keeper != nullptr) result = keeper->Keep(number);
    if (result == 0) result = Install(number, before);
    if (result < 0 && keeper != nullptr) keeper->LetGo(number);
  }
  if (result == 0 && signal.holders++ == 0 && signal.keepers != nullptr &&
      !LeadsToDefault(signal.original.load()->action)) {
    // One more user and holder, which stay forever: without them, releasing the keeper would set
    // the default for a moment.
    static_cast<void>(keeper->Keep(number));
    ++signal.holders;
  }
  if (signal.holders == 0) signal.leftover = leftover;
  return result;
}

void ReleaseSignal(int number, SignalKeeper* keeper) {
  Signal& signal = signals[number];
  const bool uninstalled = signal.holders == 1 && Uninstall(number);
  if (keeper != nullptr) ReleaseKeeper(number, *keeper);
  if (uninstalled) LeaveTop(signal);
  if (--signal.holders == 0 && signal.original != nullptr) signal.leftover = Leftover::kInstalled;
}

bool EnterChain(const siginfo_t* info, int* place) {
  *place = -1;
  for (const auto& delivery : busy) {
    if (delivery == info) return false;
  }
  for (int i = 0; i < kMaxBusy; ++i) {
    const siginfo_t* free = nullptr;
    if (!busy[i].compare_exchange_strong(free, info)) continue;
    *place = i;
    return true;
  }
  return true;
}

void CallOthers(int number, siginfo_t* info, void* context) {
  if (RestoreOriginal(number)) return;
  for (const auto& chained : signals[number].chained) {
    const Disposition* disposition = chained;
    if (disposition == nullptr) continue;
    const struct sigaction& action = disposition->action;
    if ((action.sa_flags & SA_SIGINFO) != 0) {
      action.sa_sigaction(number, info, context);
    } else {
      action.sa_handler(number);
    }
  }
}

void LeaveChain(int place) {
  if (place >= 0) busy[place] = nullptr;
}

}  // namespace iomux
