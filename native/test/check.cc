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

// A static of a function, so that it exists when the first test enlists.
std::vector<Enlisted>& Tests() {
  static std::vector<Enlisted> tests;
  return tests;
}

// SIGALRM ends a program that waits forever, which is a failure, too.
constexpr unsigned kMostSeconds = 120;

std::atomic<bool> failed{false};
const char* not_run = nullptr;  // why

struct Counts {
  size_t passed = 0;
  size_t failed = 0;
};

void Run(const Enlisted& test, Counts& counts) {
  failed = false;
  not_run = nullptr;
  test.body();
  if (failed) {
    std::printf("FAILED: %s\n", test.name);
    ++counts.failed;
  } else if (not_run != nullptr) {
    std::printf("not run: %s: %s\n", test.name, not_run);
  } else {
    ++counts.passed;
  }
}

}  // namespace

Test::Test(const char* name, Body body) { Tests().push_back({name, body}); }

void Fail(const char* file, int line, const std::string& what) {
  failed = true;
  std::printf("%s:%d: %s\n", file, line, what.c_str());
}

void NotRun(const char* why) { not_run = why; }

}  // namespace iomux::test

int main() {
  alarm(iomux::test::kMostSeconds);
  iomux::test::Counts counts;
  for (const auto& test : iomux::test::Tests()) iomux::test::Run(test, counts);
  if (counts.failed == 0) {
    std::printf("ok %zu\n", counts.passed);
    return 0;
  }
  std::printf("ok %zu failed %zu\n", counts.passed, counts.failed);
  return 1;
}
