#include "native/sys/timer.h"

#include <sys/timerfd.h>

#include "native/sys/deadline.h"
#include "native/sys/errno.h"

namespace iomux {

int TimerCreate() { return ResultOf(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)); }

int TimerSet(int fd, bool absolute, int64_t first, int64_t period) {
  itimerspec setting{};
  setting.it_value = ToTimespec(first);
  setting.it_interval = ToTimespec(period);
  return ResultOf(timerfd_settime(fd, absolute ? TFD_TIMER_ABSTIME : 0, &setting, nullptr));
}

}  // namespace iomux
