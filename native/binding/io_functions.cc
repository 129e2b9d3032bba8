#include "native/sys/io.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"

namespace iomux {
namespace {

// (): 0. Undoes every MakeNonBlocking.
napi_value RestoreBlocking(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  Environment::Of(env).RestoreBlocking();
  return arguments.Number(0);
}

// (fd): 0. Also affects others who have the same open file, and is not undone.
napi_value NonBlocking(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  return arguments.Number(SetNonBlocking(arguments.Int(0), true));
}

}  // namespace

void DefineIo(Napi::Object exports) {
  DefineFunctions(exports, {{"read", Call<Read>},
                            {"write", CallWithRange<Write>},
                            {"isOwned", Call<IsOwned>},
                            {"makeNonBlocking", CallOfEnvironment<&Environment::MakeNonBlocking>},
                            {"restoreBlocking", RestoreBlocking},
                            {"statusFlags", Call<StatusFlags>},
                            {"setNonBlocking", NonBlocking},
                            {"duplicate", Call<Duplicate>},
                            {"isPtyMaster", Call<IsPtyMaster>},
                            {"close", CallOfEnvironment<&Environment::Close>},
                            {"adopt", CallOfEnvironment<&Environment::Adopt>},
                            {"fileType", Call<FileType>},
                            {"fileSize", Call<FileSize>},
                            {"readAt", Call<ReadAt>}});
  DefineNumbers(exports, {{"S_IFREG", S_IFREG},
                          {"S_IFDIR", S_IFDIR},
                          {"S_IFIFO", S_IFIFO},
                          {"S_IFSOCK", S_IFSOCK},
                          {"O_ACCMODE", O_ACCMODE},
                          {"O_WRONLY", O_WRONLY}});
}

}  // namespace iomux
