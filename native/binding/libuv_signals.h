#ifndef IOMUX_NATIVE_BINDING_LIBUV_SIGNALS_H_
#define IOMUX_NATIVE_BINDING_LIBUV_SIGNALS_H_

#include "native/sys/dispositions.h"

namespace iomux {

// The user of libuv's handlers that ours needs beside it, one for the process. To be called by who
// opens or closes a listener, one at a time.
//
// Its handles are on a loop of its own, which nobody runs. For each of them libuv writes what comes
// to the pipe of the loop that it is on, and when that pipe is full, what comes next is lost on
// that loop, whichever signal it is: on Node's own, child_process would miss a SIGCHLD in a storm
// of the signals that are listened to here, and an exit with it.
SignalKeeper& LibuvSignals();

}  // namespace iomux

#endif  // IOMUX_NATIVE_BINDING_LIBUV_SIGNALS_H_
