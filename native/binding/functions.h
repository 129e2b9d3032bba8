#ifndef IOMUX_NATIVE_BINDING_FUNCTIONS_H_
#define IOMUX_NATIVE_BINDING_FUNCTIONS_H_

#include <napi.h>

// Each file of native/binding adds its part of the addon's interface to `exports`. The interface is
// declared in lib/addon.ts and lib/addon-sockets.ts.
namespace iomux {

void DefineMultiplexer(Napi::Object exports);  // epoll_functions.cc or kqueue_functions.cc
void DefineTimer(Napi::Object exports);        // Linux; kqueue has a filter for it
void DefinePidfd(Napi::Object exports);        // the same
void DefinePoll(Napi::Object exports);
void DefineIo(Napi::Object exports);
void DefineWaker(Napi::Object exports);
void DefineSocket(Napi::Object exports);
void DefineMessage(Napi::Object exports);
void DefineProcess(Napi::Object exports);
void DefineSocketConstants(Napi::Object exports);
// What not every system has, in the file that binding.gyp chooses.
void DefineParticularSocketConstants(Napi::Object exports);
void DefineDatagram(Napi::Object exports);
void DefineTransfer(Napi::Object exports);
void DefineLoopWatch(Napi::Object exports);
void DefineThreadWatch(Napi::Object exports);
void DefineSignalWatch(Napi::Object exports);
void DefineFileWatch(Napi::Object exports);

}  // namespace iomux

#endif  // IOMUX_NATIVE_BINDING_FUNCTIONS_H_
