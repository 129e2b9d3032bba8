#ifndef IOMUX_NATIVE_BINDING_SOCKET_CONSTANTS_H_
#define IOMUX_NATIVE_BINDING_SOCKET_CONSTANTS_H_

#include <cstddef>

#include "native/binding/environment.h"

namespace iomux {

// What <sys/socket.h> and its like name on this system and not on every one. Each system has a file
// of its own, of which binding.gyp takes one.
extern const NamedNumber kParticularSocketConstants[];
extern const size_t kParticularSocketConstantCount;

}  // namespace iomux

#endif  // IOMUX_NATIVE_BINDING_SOCKET_CONSTANTS_H_
