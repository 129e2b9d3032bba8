#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/environment.h"
#include "native/binding/functions.h"
#include "native/sys/io.h"
#include "native/sys/transfer.h"

namespace iomux {
namespace {

// The pieces of an array of Uint8Arrays: how many they are. Together no more than any call moves:
// macOS refuses them all when their sum is no int.
int PiecesOf(napi_env env, napi_value array, iovec (&pieces)[kMostPieces]) {
  uint32_t length = 0;
  napi_get_array_length(env, array, &length);
  const int most = static_cast<int>(std::min<uint32_t>(length, kMostPieces));
  size_t room = kMostBytes;
  int count = 0;
  for (; count < most && room > 0; ++count) {
    napi_value element = nullptr;
    void* data = nullptr;
    size_t size = 0;
    napi_get_element(env, array, static_cast<uint32_t>(count), &element);
    napi_get_typedarray_info(env, element, nullptr, &size, &data, nullptr, nullptr);
    size = std::min(size, room);
    pieces[count] = {data, size};
    room -= size;
  }
  return count;
}

// (fd, array of bytes): count
template <int (*kCall)(int, const iovec*, int)>
napi_value FromMany(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  iovec pieces[kMostPieces];
  const int count = PiecesOf(env, arguments.Value(1), pieces);
  return arguments.Number(kCall(arguments.Int(0), pieces, count));
}

// (to, from, offset, length): count
napi_value FromFile(napi_env env, napi_callback_info info) {
  const Arguments<4> arguments(env, info);
  return arguments.Number(SendFile(arguments.Int(0), arguments.Int(1),
                                   static_cast<int64_t>(arguments.Double(2)),
                                   arguments.Unsigned(3)));
}

// (from, to, length): count
napi_value ThroughPipe(napi_env env, napi_callback_info info) {
  const Arguments<3> arguments(env, info);
  return arguments.Number(Splice(arguments.Int(0), arguments.Int(1), arguments.Unsigned(2)));
}

// (ends: two Int32): 0. Fills in the end to read from and the end to write to.
napi_value OpenEnds(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  int32_t* ends = arguments.Array<int32_t>(0).data;
  const int result = Pipe(ends);
  if (result == 0) {
    for (const int end : {ends[0], ends[1]}) Environment::Of(env).Own(end);
  }
  return arguments.Number(result);
}

// (fd, bytes): how much room there is
napi_value Resize(napi_env env, napi_callback_info info) {
  const Arguments<2> arguments(env, info);
  return arguments.Number(ResizePipe(arguments.Int(0), arguments.Int(1)));
}

}  // namespace

void DefineTransfer(Napi::Object exports) {
  Define(exports, {NamedFunction{"sendMany", FromMany<SendMany>},
                   NamedFunction{"writeMany", FromMany<WriteMany>},
                   NamedFunction{"sendFile", FromFile}, NamedFunction{"splice", ThroughPipe},
                   NamedFunction{"openPipe", OpenEnds}, NamedFunction{"resizePipe", Resize}});
  Define(exports, {NamedNumber{"MOST_PIECES", kMostPieces}});
}

}  // namespace iomux
