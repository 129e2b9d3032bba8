#include <poll.h>
#include <sys/select.h>

#include "native/binding/call.h"
#include "native/binding/functions.h"
#include "native/sys/poll.h"

// Darwin and older BSDs have no such event.
#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

namespace iomux {

void DefinePoll(Napi::Object exports) {
  DefineFunctions(exports, {{"poll", Call<Poll>}, {"select", Call<Select>}});
  DefineNumbers(exports, {{"FD_SETSIZE", FD_SETSIZE},
                          {"POLLIN", POLLIN},
                          {"POLLPRI", POLLPRI},
                          {"POLLOUT", POLLOUT},
                          {"POLLERR", POLLERR},
                          {"POLLHUP", POLLHUP},
                          {"POLLNVAL", POLLNVAL},
                          {"POLLRDNORM", POLLRDNORM},
                          {"POLLRDBAND", POLLRDBAND},
                          {"POLLWRNORM", POLLWRNORM},
                          {"POLLWRBAND", POLLWRBAND},
                          {"POLLRDHUP", POLLRDHUP}});
}

}  // namespace iomux
