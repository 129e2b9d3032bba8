#include "native/binding/environment.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/monitor.h"
#include "native/sys/shared_wakers.h"

namespace iomux {
namespace {

// By descriptor, how many handles of all environments have it. Never destroyed: at the end of the
// process some threads may still run.
Monitor monitor;
std::vector<uint32_t>* handles = nullptr;

void AddHandle(int fd) {
  const Inside inside(monitor);
  if (handles == nullptr) handles = new std::vector<uint32_t>;
  const auto index = static_cast<size_t>(fd);
  if (index >= handles->size()) handles->resize(index + index / 2 + 64);
  ++(*handles)[index];
}

// Must be called before the descriptor is closed: afterwards another thread may get the number.
void RemoveHandles(int fd, uint32_t count) {
  const Inside inside(monitor);
  (*handles)[static_cast<size_t>(fd)] -= count;
}

}  // namespace

int IsOwned(int fd) {
  const Inside inside(monitor);
  const auto index = static_cast<size_t>(fd);
  return fd >= 0 && handles != nullptr && index < handles->size() && (*handles)[index] != 0 ? 1 : 0;
}

void Environment::Install(Napi::Env env) { env.SetInstanceData(new Environment()); }

Environment& Environment::Of(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return *static_cast<Environment*>(data);
}

Environment::~Environment() {
  blocking_modes_.RestoreAll();
  for (size_t fd = 0; fd < owned_.size(); ++fd) {
    if (owned_[fd] == 0) continue;
    RemoveHandles(static_cast<int>(fd), owned_[fd]);
    Retract(static_cast<int>(fd));
    ::close(static_cast<int>(fd));
  }
}

int Environment::Own(int fd) {
  if (fd < 0) return fd;
  const auto index = static_cast<size_t>(fd);
  if (index >= owned_.size()) owned_.resize(index + index / 2 + 64);
  ++owned_[index];
  AddHandle(fd);
  return fd;
}

int Environment::Adopt(int fd) {
  const int result = SetCloseOnExec(fd);
  if (result == 0) Own(fd);
  return result;
}

bool Environment::Owns(int fd) const {
  const auto index = static_cast<size_t>(fd);
  return fd >= 0 && index < owned_.size() && owned_[index] != 0;
}

int Environment::Disown(int fd) {
  if (!Owns(fd)) return -EBADF;
  --owned_[static_cast<size_t>(fd)];
  RemoveHandles(fd, 1);
  if (!Owns(fd)) Retract(fd);
  blocking_modes_.Forget(fd);
  return 0;
}

void Environment::RemoveWatcher(const FdWatcher* watcher) {
  const auto is_it = [&](const auto& pair) { return pair.second == watcher; };
  watchers_.erase(std::remove_if(watchers_.begin(), watchers_.end(), is_it), watchers_.end());
}

std::vector<int> Environment::DuplicatesOf(int fd) const {
  std::vector<int> duplicates;
  for (const auto& [watched, watcher] : watchers_) {
    if (watched == fd) duplicates.push_back(watcher->duplicate());
  }
  return duplicates;
}

int Environment::Close(int fd) {
  if (!Owns(fd)) return -EBADF;
  RemoveHandles(fd, std::exchange(owned_[static_cast<size_t>(fd)], 0U));
  // LetGo removes the watcher from the list.
  const auto is_of = [fd](const auto& pair) { return pair.first == fd; };
  for (;;) {
    const auto found = std::find_if(watchers_.begin(), watchers_.end(), is_of);
    if (found == watchers_.end()) break;
    found->second->LetGo();
  }
  Retract(fd);
  blocking_modes_.Restore(fd);
  // After EINTR the descriptor is closed; see unique_fd.h.
  return ::close(fd) == 0 || errno == EINTR ? 0 : -errno;
}

int64_t Environment::ShareWaker(int end) {
  shares_wakers_ = true;
  return iomux::ShareWaker(end);
}

void Environment::Retract(int fd) const {
  if (shares_wakers_) RetractWaker(fd);
}

void DefineFunctions(Napi::Object exports, std::initializer_list<NamedFunction> functions) {
  for (const auto& [name, function] : functions) {
    napi_value value = nullptr;
    NAPI_THROW_IF_FAILED_VOID(
        exports.Env(),
        napi_create_function(exports.Env(), name, NAPI_AUTO_LENGTH, function, nullptr, &value));
    exports.Set(name, Napi::Value(exports.Env(), value));
  }
}

void DefineNumbers(Napi::Object exports, std::initializer_list<NamedNumber> numbers) {
  for (const auto& [name, value] : numbers) exports.Set(name, value);
}

}  // namespace iomux
