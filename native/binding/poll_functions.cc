#include <poll.h>
#include <sys/select.h>

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/poll.h"

// Darwin and older BSDs have no such event: the bit is 0 there, and a mask with it asks for
// nothing.
#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

namespace iomux {
namespace {

// (triples, count, milliseconds): how many are ready
template <int (*kWait)(PollEntry*, int, double)>
napi_value Wait(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  auto* entries = reinterpret_cast<PollEntry*>(arguments.Array<int32_t>(0).data);
  return arguments.Number(kWait(entries, arguments.Int(1), arguments.Double(2)));
}

}  // namespace

void DefinePoll(Napi::Object exports) {
  Define(exports, {NamedFunction{"poll", Wait<Poll>}, NamedFunction{"select", Wait<Select>}});
  Define(exports, {NamedNumber{"FD_SETSIZE", FD_SETSIZE}, NamedNumber{"POLLIN", POLLIN},
                   NamedNumber{"POLLPRI", POLLPRI}, NamedNumber{"POLLOUT", POLLOUT},
                   NamedNumber{"POLLERR", POLLERR}, NamedNumber{"POLLHUP", POLLHUP},
                   NamedNumber{"POLLNVAL", POLLNVAL}, NamedNumber{"POLLRDNORM", POLLRDNORM},
                   NamedNumber{"POLLRDBAND", POLLRDBAND}, NamedNumber{"POLLWRNORM", POLLWRNORM},
                   NamedNumber{"POLLWRBAND", POLLWRBAND}, NamedNumber{"POLLRDHUP", POLLRDHUP}});
}

}  // namespace iomux
