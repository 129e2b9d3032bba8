#ifndef IOMUX_NATIVE_BINDING_ENVIRONMENT_H_
#define IOMUX_NATIVE_BINDING_ENVIRONMENT_H_

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "native/sys/blocking_modes.h"

namespace iomux {

// A watch of a descriptor by libuv.
class FdWatcher {
 public:
  // Ends the watch, because the descriptor is about to be closed. If it ended later, when the
  // object is collected, libuv would stop watching the file that has the number by then.
  virtual void LetGo() = 0;
  // The duplicate that libuv watches instead of the descriptor.
  [[nodiscard]] virtual int duplicate() const = 0;

 protected:
  ~FdWatcher() = default;
};

// What belongs to one environment (the main thread or a Worker). Descriptors that are still open
// when it ends, for instance when a Worker is terminated, are closed with it.
class Environment {
 public:
  // Called by the addon's initialiser. Node deletes the object when the environment ends.
  static void Install(Napi::Env env);
  static Environment& Of(napi_env env);

  ~Environment();

  // From now on the descriptor is ours. Returns its argument, which may also be a negated errno.
  int Own(int fd);
  // The same for a descriptor that was given to us, which is now close-on-exec: 0, or a negated
  // errno.
  [[nodiscard]] int Adopt(int fd);
  // It is non-blocking until we close it: 0, or a negated errno.
  [[nodiscard]] int MakeNonBlocking(int fd) { return blocking_modes_.MakeNonBlocking(fd); }
  // Undoes every MakeNonBlocking.
  void RestoreBlocking() { blocking_modes_.RestoreAll(); }
  [[nodiscard]] bool Owns(int fd) const;
  // Closes a descriptor of ours: 0, or a negated errno. -EBADF for one that is not ours.
  [[nodiscard]] int Close(int fd);
  // One handle gives the descriptor up without closing it: 0, or -EBADF.
  [[nodiscard]] int Disown(int fd);

  // Lets other threads signal an end of one of our wakers until it is closed: its serial.
  [[nodiscard]] int64_t ShareWaker(int end);

  void AddWatcher(int fd, FdWatcher* watcher) { watchers_.emplace_back(fd, watcher); }
  void RemoveWatcher(const FdWatcher* watcher);
  // The duplicates by which libuv watches `fd`.
  [[nodiscard]] std::vector<int> DuplicatesOf(int fd) const;

 private:
  void Retract(int fd) const;

  // By descriptor, the number of handles that have it. More than one if a descriptor of ours was
  // closed behind our back, and we were given its number again.
  std::vector<uint32_t> owned_;
  bool shares_wakers_ = false;
  BlockingModes blocking_modes_;
  std::vector<std::pair<int, FdWatcher*>> watchers_;  // few: one for each multiplexer
};

// 1 for a descriptor that some environment of this process owns, else 0.
[[nodiscard]] int IsOwned(int fd);

using Function = napi_value (*)(napi_env env, napi_callback_info info);
struct NamedFunction {
  const char* name;
  Function function;
};
void DefineFunctions(Napi::Object exports, std::initializer_list<NamedFunction> functions);

struct NamedNumber {
  const char* name;
  double value;
};
void DefineNumbers(Napi::Object exports, std::initializer_list<NamedNumber> numbers);

}  // namespace iomux

#endif  // IOMUX_NATIVE_BINDING_ENVIRONMENT_H_
