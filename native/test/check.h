#ifndef IOMUX_NATIVE_TEST_CHECK_H_
#define IOMUX_NATIVE_TEST_CHECK_H_

#include <sstream>
#include <string>

// A minimal test framework. Each file of tests is a program (`main` is in check.cc): it runs every
// TEST, and ends with the line "ok N", or "ok N failed M" and an exit code of 1.
namespace iomux::test {

using Body = void (*)();

// Enlists a test before `main` runs.
struct Test {
  Test(const char* name, Body body);
};

// Fails the current test, which continues. May be called from any thread.
void Fail(const char* file, int line, const std::string& what);

// The current test cannot run here, and must return. It counts as neither passed nor failed.
void NotRun(const char* why);

template <typename Left, typename Right>
void CheckEqual(const Left& left, const Right& right, const char* expression, const char* file,
                int line) {
  if (left == right) return;
  std::ostringstream what;
  what << expression << ": " << left << " and " << right;
  Fail(file, line, what.str());
}

}  // namespace iomux::test

// The name makes a statement about the subject of the file.
#define TEST(name)                                             \
  static void name();                                          \
  static const iomux::test::Test name##_enlisted(#name, name); \
  static void name()

#define CHECK(condition) ((condition) ? void() : iomux::test::Fail(__FILE__, __LINE__, #condition))

#define CHECK_EQ(left, right) \
  iomux::test::CheckEqual(left, right, #left " == " #right, __FILE__, __LINE__)

#endif  // IOMUX_NATIVE_TEST_CHECK_H_
