#include <sys/stat.h>

// Before 2.33, glibc had no fstat: programs were linked with a piece of code that called __fxstat.
// Zig brings that piece along for an old glibc, with an errno of its own, where nobody looks. This
// is what it should be.
extern "C" {

int __fxstat(int version, int fd, struct stat* status);

__attribute__((visibility("hidden"))) int fstat(int fd, struct stat* status) {
#ifdef __x86_64__
  constexpr int kVersion = 1;
#else
  constexpr int kVersion = 0;
#endif
  return __fxstat(kVersion, fd, status);
}
}
