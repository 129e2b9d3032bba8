#ifndef IOMUX_NATIVE_BINDING_SOCKET_CONSTANTS_H_
#define IOMUX_NATIVE_BINDING_SOCKET_CONSTANTS_H_

#include <cstddef>

#include "native/binding/environment.h"

namespace iomux {

// Constants of <sys/socket.h> and related headers that not every system has. binding.gyp chooses
// the file for the system.
extern const NamedNumber kParticularSocketConstants[];
extern const size_t kParticularSocketConstantCount;

}  // namespace iomux

#endif  // IOMUX_NATIVE_BINDING_SOCKET_CONSTANTS_H_
