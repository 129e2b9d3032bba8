#ifndef IOMUX_NATIVE_TEST_EPOLL_H_
#define IOMUX_NATIVE_TEST_EPOLL_H_

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cstdint>

#include "native/epoll/epoll.h"
#include "native/sys/unique_fd.h"
#include "native/test/check.h"

namespace iomux::test {

class Epoll {
 public:
  Epoll() : owner_(EpollCreate()) { CHECK(owner_.valid()); }

  [[nodiscard]] int fd() const { return owner_.get(); }
  [[nodiscard]] int Add(int fd, uint32_t events, uint64_t data = 0) const {
    return Control(EPOLL_CTL_ADD, fd, events, data);
  }
  [[nodiscard]] int Modify(int fd, uint32_t events, uint64_t data = 0) const {
    return Control(EPOLL_CTL_MOD, fd, events, data);
  }
  [[nodiscard]] int Delete(int fd) const { return Control(EPOLL_CTL_DEL, fd, 0, 0); }
  // The number of events that there are now; the first one is written to `event`.
  [[nodiscard]] int Poll(Event* event = nullptr) const {
    Event events[kMaxEvents];
    const int count = Harvest(owner_.get(), events, kMaxEvents);
    if (event != nullptr && count > 0) *event = events[0];
    return count;
  }

 private:
  [[nodiscard]] int Control(int operation, int fd, uint32_t events, uint64_t data) const {
    return EpollControl(owner_.get(), operation, fd, events, static_cast<uint32_t>(data),
                        static_cast<uint32_t>(data >> 32));
  }

  UniqueFd owner_;
};

inline UniqueFd AlwaysReadable() { return UniqueFd(eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)); }

}  // namespace iomux::test

#endif  // IOMUX_NATIVE_TEST_EPOLL_H_
