#include <sys/uio.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "native/binding/arguments.h"
#include "native/binding/call.h"
#include "native/binding/functions.h"
#include "native/sys/io.h"
#include "native/sys/transfer.h"

namespace iomux {
namespace {

// Fills in the pieces of an array of Uint8Arrays: how many there are. Together they have at most
// kMostBytes, because macOS refuses a call if the sum does not fit into an int.
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
  const Arguments arguments(env, info);
  iovec pieces[kMostPieces];
  const int count = PiecesOf(env, arguments.Value(1), pieces);
  return arguments.Number(kCall(arguments.Int(0), pieces, count));
}

}  // namespace

void DefineTransfer(Napi::Object exports) {
  DefineFunctions(exports, {{"sendMany", FromMany<SendMany>},
                            {"writeMany", FromMany<WriteMany>},
                            {"sendFile", Call<SendFile>},
                            {"splice", Call<Splice>},
                            {"openPipe", CallAndOwnEnds<Pipe>},
                            {"resizePipe", Call<ResizePipe>}});
  DefineNumbers(exports, {{"MOST_PIECES", kMostPieces}});
}

}  // namespace iomux
