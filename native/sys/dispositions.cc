#include "native/sys/dispositions.h"

#include <dlfcn.h>

#include <atomic>

#include "native/sys/errno.h"

namespace iomux {
namespace {

// What somebody else had set. Never changed, never freed: a handler may be reading it.
struct Disposition {
  struct sigaction action;
  const Disposition* next;
};

// So many others are called for one signal, the last ones that were displaced.
constexpr int kMostOthers = 4;

// What has become of ours where nobody holds the signal any more, and it could not be taken away.
enum class Left {
  kNothing,  // it is held, or was taken away
  kOurs,     // below somebody, or left behind by who was above
  kGone,     // a handler has found it left behind, and has put back what there was
};

struct Signal {
  std::atomic<const Disposition*> others[kMostOthers];
  // What there was before us; null when we are not in the chain.
  std::atomic<const Disposition*> original;
  std::atomic<Left> left;
  int holders;
  const Disposition* displaced_last;
  const Disposition* keepers;  // its handler, where that has displaced what there was
  bool beneath;                // also below somebody whom ours has displaced
  const Disposition* seen;     // all there ever were, to be used again
};

Signal signals[kSignals];
SignalHandler ours;

// The signals that handlers are busy with, by the address of what they are told of it.
constexpr int kMostBusy = 64;
std::atomic<const siginfo_t*> busy[kMostBusy];

// A handler that is for once does what it has to and then raises the signal, for the default
// action: Node's own for SIGINT and SIGTERM are of that kind. It is not called, as the default is
// not taken.
bool IsCalled(const struct sigaction& action) {
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN &&
         (static_cast<unsigned>(action.sa_flags) & SA_RESETHAND) == 0;
}

bool IsDefault(const struct sigaction& action) {
  return action.sa_handler != SIG_IGN && !IsCalled(action);
}

bool IsOurs(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == ours;
}

bool IsSame(const struct sigaction& one, const struct sigaction& other) {
  return one.sa_handler == other.sa_handler && one.sa_flags == other.sa_flags;
}

const Disposition* Remember(Signal& signal, const struct sigaction& action) {
  for (auto* known = signal.seen; known != nullptr; known = known->next) {
    if (IsSame(known->action, action)) return known;
  }
  return signal.seen = new Disposition{action, signal.seen};
}

void AddOther(Signal& signal, const Disposition* other) {
  for (const auto& known : signal.others) {
    if (known == other) return;
  }
  for (int i = kMostOthers - 1; i > 0; --i) signal.others[i] = signal.others[i - 1].load();
  signal.others[0] = other;
}

// The code of the handler must stay where it is: a Worker's addon is unloaded with the Worker, and
// a handler may be running, or be in somebody's chain.
void StayLoaded() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(ours), &info) == 0) return;
  dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

// Puts ours above what is there, of which the keeper may have displaced what there was `before`:
// 0, or a negated errno.
int Install(int number, const struct sigaction& before) {
  Signal& signal = signals[number];
  struct sigaction current;
  if (sigaction(number, nullptr, &current) < 0) return -errno;
  if (IsOurs(current)) return 0;
  const bool was_there = signal.original != nullptr;
  const Disposition* there = IsOurs(before) ? signal.displaced_last : Remember(signal, before);
  const Disposition* displaced = Remember(signal, current);
  if (IsCalled(there->action)) AddOther(signal, there);
  if (IsCalled(current)) AddOther(signal, displaced);
  const bool left_behind = was_there && IsOurs(before);
  const bool beneath = was_there && (left_behind ? signal.beneath : IsCalled(before));
  if (!left_behind && !beneath) {
    // The others are of an earlier time, or whoever stood above has gone without putting ours back.
    // A handler that is late calls whom both times have.
    for (auto& other : signal.others) {
      if (other != there && other != displaced) other = nullptr;
    }
  }
  struct sigaction action {};
  action.sa_sigaction = ours;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  if (sigaction(number, &action, nullptr) < 0) return -errno;
  if (!left_behind && !beneath) signal.original = there;
  if (!IsSame(before, current)) signal.keepers = displaced;
  signal.displaced_last = displaced;
  signal.beneath = beneath;
  return 0;
}

// Ours is not above anybody any more. Beneath somebody it may be called, as before.
//
// The others stay: the system may have chosen ours before, for a handler that has not called them
// yet, and nobody can tell when the last one has. Except whom ours is beneath: it calls ours.
void Forget(Signal& signal) {
  signal.keepers = nullptr;
  if (!signal.beneath) {
    signal.original = nullptr;
    return;
  }
  for (auto& other : signal.others) {
    if (other == signal.displaced_last) other = nullptr;
  }
}

// Takes ours away, if nobody stands above it: whether it has gone.
bool Uninstall(int number) {
  struct sigaction current;
  if (sigaction(number, nullptr, &current) < 0 || !IsOurs(current)) return false;
  return sigaction(number, &signals[number].displaced_last->action, nullptr) == 0;
}

// By the handler, where ours has been left behind: puts back what there was, and leaves the signal
// to that.
bool GiveBack(int number) {
  Signal& signal = signals[number];
  const Disposition* original = signal.original;
  Left left = signal.left;
  if (left != Left::kOurs || original == nullptr) return false;
  struct sigaction current;
  if (sigaction(number, nullptr, &current) < 0 || !IsOurs(current)) return false;
  sigaction(number, &original->action, nullptr);
  signal.left.compare_exchange_strong(left, Left::kGone);
  if (left == Left::kNothing) {
    // Somebody has come meanwhile, and may have found ours there.
    sigaction(number, &current, nullptr);
    return false;
  }
  raise(number);  // blocked until the handler returns
  return true;
}

// The keeper goes, and leaves the default behind where it has no other user.
void LetGo(int number, SignalKeeper& keeper) {
  const Signal& signal = signals[number];
  struct sigaction stays;
  const bool known = sigaction(number, nullptr, &stays) == 0 && signal.keepers != nullptr;
  keeper.LetGo(number);
  if (!known) return;
  if (IsSame(stays, signal.keepers->action)) stays = signal.original.load()->action;
  struct sigaction current;
  if (stays.sa_handler == SIG_DFL || sigaction(number, nullptr, &current) < 0) return;
  if (current.sa_handler != SIG_DFL) return;
  sigaction(number, &stays, &current);
  // Another user has come meanwhile.
  if (current.sa_handler != SIG_DFL) sigaction(number, &current, nullptr);
}

}  // namespace

int HoldSignal(int number, SignalHandler handler, SignalKeeper* keeper) {
  if (ours == nullptr) {
    ours = handler;
    StayLoaded();
  }
  Signal& signal = signals[number];
  const Left left = signal.left.exchange(Left::kNothing);
  if (left == Left::kGone) signal.original = nullptr;
  struct sigaction before;
  int result = sigaction(number, nullptr, &before) < 0 ? -errno : 0;
  if (result == 0) {
    // Before ours: as long as it has no user, others may make it set its handler, or the default.
    if (keeper != nullptr) result = keeper->Keep(number);
    if (result == 0) result = Install(number, before);
    if (result < 0 && keeper != nullptr) keeper->LetGo(number);
  }
  if (result == 0 && signal.holders++ == 0 && signal.keepers != nullptr &&
      !IsDefault(signal.original.load()->action)) {
    // For good: the keeper would leave the default behind, which for a moment would be there.
    static_cast<void>(keeper->Keep(number));
    ++signal.holders;
  }
  if (signal.holders == 0) signal.left = left;
  return result;
}

void ReleaseSignal(int number, SignalKeeper* keeper) {
  Signal& signal = signals[number];
  const bool gone = signal.holders == 1 && Uninstall(number);
  if (keeper != nullptr) LetGo(number, *keeper);
  if (gone) Forget(signal);
  if (--signal.holders == 0 && signal.original != nullptr) signal.left = Left::kOurs;
}

bool EnterChain(const siginfo_t* info, int* place) {
  *place = -1;
  for (const auto& other : busy) {
    if (other == info) return false;
  }
  for (int i = 0; i < kMostBusy; ++i) {
    const siginfo_t* free = nullptr;
    if (!busy[i].compare_exchange_strong(free, info)) continue;
    *place = i;
    return true;
  }
  return true;
}

void CallOthers(int number, siginfo_t* info, void* context) {
  if (GiveBack(number)) return;
  for (const auto& other : signals[number].others) {
    const Disposition* disposition = other;
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
