#ifndef IOMUX_TEST_SUPPORT_ENTRIES_H_
#define IOMUX_TEST_SUPPORT_ENTRIES_H_

#include <dlfcn.h>

#include <cstdint>

// Counts how often C++ calls into JavaScript, as V8 itself reports it: once for every call that is
// not nested in another. Calls from JavaScript into C++, and promise reactions that run after a
// call, do not count.
//
// V8 has had these two functions under these names for ten years, and every Node exports them. They
// are looked up at run time, rather than taken from V8's headers, so that one binary works on all
// of them, and notices where there is no V8.
namespace entries {

using Isolate = void;
using Callback = void (*)(Isolate*);

inline thread_local uint64_t count = 0;

// Starts counting on this thread, on which nothing else may count. False where there is no V8.
inline bool Watch() {
  const auto current =
      reinterpret_cast<Isolate* (*)()>(dlsym(RTLD_DEFAULT, "_ZN2v87Isolate10GetCurrentEv"));
  const auto add = reinterpret_cast<void (*)(Isolate*, Callback)>(
      dlsym(RTLD_DEFAULT, "_ZN2v87Isolate24AddCallCompletedCallbackEPFvPS0_E"));
  if (current == nullptr || add == nullptr) return false;
  // V8 keeps each callback once, however often it is added.
  add(current(), [](Isolate*) { ++count; });
  return true;
}

}  // namespace entries

#endif  // IOMUX_TEST_SUPPORT_ENTRIES_H_
