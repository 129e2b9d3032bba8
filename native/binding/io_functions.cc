#include "native/sys/io.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"

namespace iomux {
namespace {

// (fd, bytes): count
napi_value ReadInto(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(1);
  return arguments.Number(Read(arguments.Int(0), bytes.data, bytes.length));
}

// (fd, bytes, position): count
napi_value ReadFrom(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(1);
  const auto position = static_cast<int64_t>(arguments.Double(2));
  return arguments.Number(ReadAt(arguments.Int(0), bytes.data, bytes.length, position));
}

// (fd, bytes, offset of the first to write, offset after the last): count
napi_value WriteFrom(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(1);
  // The length of a buffer that was transferred meanwhile is 0.
  const size_t end = std::min(arguments.Size(3), bytes.length);
  const size_t offset = std::min(arguments.Size(2), end);
  return arguments.Number(Write(arguments.Int(0), bytes.data + offset, end - offset));
}

// (fd): 0. The descriptor is now ours: close-on-exec, and closed with the environment.
napi_value Adopt(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  const int result = SetCloseOnExec(arguments.Int(0));
  if (result == 0) Environment::Of(env).Own(arguments.Int(0));
  return arguments.Number(result);
}

// (fd): 0. The descriptor is non-blocking until we close it.
napi_value MakeNonBlocking(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(Environment::Of(env).blocking_modes().MakeNonBlocking(arguments.Int(0)));
}

// (): 0. Undoes every MakeNonBlocking.
napi_value RestoreBlocking(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  Environment::Of(env).blocking_modes().RestoreAll();
  return arguments.Number(0);
}

// (fd): 0. Also affects others who have the same open file, and is not undone.
napi_value NonBlocking(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(SetNonBlocking(arguments.Int(0), true));
}

}  // namespace

void DefineIo(Napi::Object exports) {
  DefineFunctions(exports, {{"read", ReadInto},
                            {"write", WriteFrom},
                            {"isOwned", Call<IsOwned>},
                            {"makeNonBlocking", MakeNonBlocking},
                            {"restoreBlocking", RestoreBlocking},
                            {"statusFlags", Call<StatusFlags>},
                            {"setNonBlocking", NonBlocking},
                            {"duplicate", Call<Duplicate>},
                            {"isPtyMaster", Call<IsPtyMaster>},
                            {"close", CallOfEnvironment<&Environment::Close>},
                            {"adopt", Adopt},
                            {"fileType", Call<FileType>},
                            {"fileSize", Call<FileSize>},
                            {"readAt", ReadFrom}});
  DefineNumbers(exports, {{"S_IFREG", S_IFREG},
                          {"S_IFDIR", S_IFDIR},
                          {"S_IFIFO", S_IFIFO},
                          {"S_IFSOCK", S_IFSOCK},
                          {"O_ACCMODE", O_ACCMODE},
                          {"O_WRONLY", O_WRONLY}});
}

}  // namespace iomux
