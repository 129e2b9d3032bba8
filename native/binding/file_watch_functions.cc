#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/file_watch.h"

namespace iomux {
namespace {

// (queue, path with a NUL at its end): the watch
napi_value Add(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const auto path = arguments.Array<char>(1);
  const int watch = AddFileWatch(arguments.Int(0), path.data);
  return arguments.Number(kFileWatchIsDescriptor ? Environment::Of(env).Own(watch) : watch);
}

// (queue, watch): 0
napi_value Remove(napi_env env, napi_callback_info info) {
  const Arguments arguments(env, info);
  const int watch = arguments.Int(1);
  return arguments.Number(kFileWatchIsDescriptor ? Environment::Of(env).Close(watch)
                                                 : RemoveFileWatch(arguments.Int(0), watch));
}

}  // namespace

void DefineFileWatch(Napi::Object exports) {
  DefineFunctions(exports, {{"openFileQueue", CallAndOwn<OpenFileQueue>},
                            {"addFileWatch", Add},
                            {"removeFileWatch", Remove},
                            {"takeFileChanges", Call<TakeFileChanges>}});
  const FileChangeBits& bits = kFileChangeBits;
  const auto number = [](uint32_t bit) { return static_cast<double>(static_cast<int32_t>(bit)); };
  DefineNumbers(exports, {{"FILE_CREATED", number(bits.created)},
                          {"FILE_WRITTEN", number(bits.written)},
                          {"FILE_DELETED", number(bits.deleted)},
                          {"FILE_ATTRIBUTES", number(bits.attributes)},
                          {"FILE_MOVED_FROM", number(bits.moved_from)},
                          {"FILE_MOVED_TO", number(bits.moved_to)},
                          {"FILE_SELF_DELETED", number(bits.self_deleted)},
                          {"FILE_SELF_MOVED", number(bits.self_moved)},
                          {"FILE_UNMOUNTED", number(bits.unmounted)},
                          {"FILE_WATCH_LOST", number(bits.lost)},
                          {"FILE_QUEUE_FULL", number(bits.full)},
                          {"FILE_CHANGES_HAVE_NAMES", kFileChangesHaveNames ? 1.0 : 0.0}});
}

}  // namespace iomux
