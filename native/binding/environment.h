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

// Something that libuv watches a descriptor for.
class FdWatcher {
 public:
  // The descriptor is about to be closed. Told only afterwards, when the watch is collected, libuv
  // would stop watching whoever has the number by then.
  virtual void LetGo() = 0;
  // What libuv has instead of the descriptor.
  [[nodiscard]] virtual int duplicate() const = 0;

 protected:
  ~FdWatcher() = default;
};

// What belongs to one environment (the main thread or a Worker). A descriptor that is still open
// when it ends, as when a Worker is terminated, is closed with it.
class Environment {
 public:
  // Made by the addon's initialiser, deleted by Node when the environment ends.
  static void Install(Napi::Env env);
  static Environment& Of(napi_env env);

  ~Environment();

  // Takes the result of a call that makes a descriptor, and hands it on: errors pass through.
  int Own(int fd);
  [[nodiscard]] bool Owns(int fd) const;
  // Closes a descriptor of ours: 0, or a negated errno. EBADF for one that is not ours.
  [[nodiscard]] int Close(int fd);
  // One handle gives the descriptor up without closing it: 0 or -EBADF.
  [[nodiscard]] int Disown(int fd);

  // A waker's end of ours, which other threads may signal until it is closed: its serial.
  [[nodiscard]] int64_t ShareWaker(int end);

  BlockingModes& blocking_modes() { return blocking_modes_; }

  void AddWatcher(int fd, FdWatcher* watcher) { watchers_.emplace_back(fd, watcher); }
  void RemoveWatcher(const FdWatcher* watcher);
  // What its watchers have instead of `fd`.
  [[nodiscard]] std::vector<int> DuplicatesOf(int fd) const;

 private:
  void CloseToOthers(int fd) const;

  // By descriptor, how many handles have it: all but the last were told nothing when it was closed.
  std::vector<uint32_t> owned_;
  bool shares_wakers_ = false;
  BlockingModes blocking_modes_;
  std::vector<std::pair<int, FdWatcher*>> watchers_;  // few: one for each multiplexer
};

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
