#ifndef IOMUX_NATIVE_BINDING_LIBUV_SIGNALS_H_
#define IOMUX_NATIVE_BINDING_LIBUV_SIGNALS_H_

#include "native/sys/dispositions.h"

namespace iomux {

// libuv as the SignalKeeper of our handler, one for the process. Must only be called while a
// listener opens or closes, which happens one at a time.
//
// Its handles are on a loop of their own that never runs. When a signal arrives, libuv writes to
// the pipe of each loop that has a handle for it, and when that pipe is full, it drops what comes
// next for that loop, whichever signal it is. With our handles on Node's own loop, a storm of the
// signals that are listened to here would make child_process miss a SIGCHLD, and with it an exit.
SignalKeeper& LibuvSignals();

}  // namespace iomux

#endif  // IOMUX_NATIVE_BINDING_LIBUV_SIGNALS_H_
