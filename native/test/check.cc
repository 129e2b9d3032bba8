#include "native/test/check.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <vector>

namespace iomux::test {
namespace {

struct Enlisted {
  const char* name;
  Body body;
};

// A function's, so that it exists before the first test enlists.
std::vector<Enlisted>& Tests() {
  static std::vector<Enlisted> tests;
  return tests;
}

// A wait that never ends is a failure too: SIGALRM ends the program.
constexpr unsigned kMostSeconds = 120;

std::atomic<bool> failed{false};

bool Passes(const Enlisted& test) {
  failed = false;
  test.body();
  if (failed) std::printf("FAILED: %s\n", test.name);
  return !failed;
}

}  // namespace

Test::Test(const char* name, Body body) { Tests().push_back({name, body}); }

void Fail(const char* file, int line, const std::string& what) {
  failed = true;
  std::printf("%s:%d: %s\n", file, line, what.c_str());
}

}  // namespace iomux::test

int main() {
  using iomux::test::Tests;
  alarm(iomux::test::kMostSeconds);
  size_t ok = 0;
  for (const auto& test : Tests()) ok += iomux::test::Passes(test) ? 1 : 0;
  const size_t failures = Tests().size() - ok;
  if (failures == 0) {
    std::printf("ok %zu\n", ok);
    return 0;
  }
  std::printf("ok %zu failed %zu\n", ok, failures);
  return 1;
}
