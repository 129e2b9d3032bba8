#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/file_watch.h"

namespace iomux {
namespace {

// (): the descriptor of a queue
napi_value OpenQueue(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  return arguments.Number(Environment::Of(env).Own(OpenFileQueue()));
}

// (queue, path with a NUL at its end): the watch
napi_value Add(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const auto path = arguments.Array<char>(1);
  const int watch = AddFileWatch(arguments.Int(0), path.data);
  return arguments.Number(kFileWatchIsDescriptor ? Environment::Of(env).Own(watch) : watch);
}

// (queue, watch): 0
napi_value Remove(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const int watch = arguments.Int(1);
  return arguments.Number(kFileWatchIsDescriptor ? Environment::Of(env).Close(watch)
                                                 : RemoveFileWatch(arguments.Int(0), watch));
}

// (queue, records): how many bytes
napi_value Take(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  const auto bytes = arguments.Array<uint8_t>(1);
  return arguments.Number(TakeFileChanges(arguments.Int(0), bytes.data, bytes.length));
}

}  // namespace

void DefineFileWatch(Napi::Object exports) {
  Define(exports,
         {NamedFunction{"openFileQueue", OpenQueue}, NamedFunction{"addFileWatch", Add},
          NamedFunction{"removeFileWatch", Remove}, NamedFunction{"takeFileChanges", Take}});
  const FileChangeBits& bits = kFileChangeBits;
  const auto number = [](uint32_t bit) { return static_cast<double>(static_cast<int32_t>(bit)); };
  Define(exports, {NamedNumber{"FILE_CREATED", number(bits.created)},
                   NamedNumber{"FILE_WRITTEN", number(bits.written)},
                   NamedNumber{"FILE_DELETED", number(bits.deleted)},
                   NamedNumber{"FILE_ATTRIBUTES", number(bits.attributes)},
                   NamedNumber{"FILE_MOVED_FROM", number(bits.moved_from)},
                   NamedNumber{"FILE_MOVED_TO", number(bits.moved_to)},
                   NamedNumber{"FILE_SELF_DELETED", number(bits.self_deleted)},
                   NamedNumber{"FILE_SELF_MOVED", number(bits.self_moved)},
                   NamedNumber{"FILE_UNMOUNTED", number(bits.unmounted)},
                   NamedNumber{"FILE_WATCH_LOST", number(bits.lost)},
                   NamedNumber{"FILE_QUEUE_FULL", number(bits.full)},
                   NamedNumber{"FILE_CHANGES_HAVE_NAMES", kFileChangesHaveNames ? 1.0 : 0.0}});
}

}  // namespace iomux
