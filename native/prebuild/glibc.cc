#include <sys/stat.h>

// glibc before 2.33 has no fstat: it was linked statically into programs, and called __fxstat. The
// one that Zig links for an old glibc sets an errno of its own, which we would not see.
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
