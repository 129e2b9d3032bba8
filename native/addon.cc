#include <napi.h>

#include "native/binding/environment.h"
#include "native/binding/functions.h"

namespace {

Napi::Object Initialize(Napi::Env env, Napi::Object exports) {
  iomux::Environment::Install(env);
  iomux::DefineMultiplexer(exports);
  iomux::DefinePoll(exports);
  iomux::DefineIo(exports);
  iomux::DefineWaker(exports);
  iomux::DefineSocket(exports);
  iomux::DefineMessage(exports);
  iomux::DefineProcess(exports);
  iomux::DefineSocketConstants(exports);
  iomux::DefineDatagram(exports);
  iomux::DefineTransfer(exports);
  iomux::DefineLoopWatch(exports);
  iomux::DefineThreadWatch(exports);
  iomux::DefineSignalWatch(exports);
  iomux::DefineFileWatch(exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(NODE_GYP_MODULE_NAME, Initialize)
