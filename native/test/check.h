#ifndef IOMUX_NATIVE_TEST_CHECK_H_
#define IOMUX_NATIVE_TEST_CHECK_H_

#include <sstream>
#include <string>

// What a test needs, and no more. A file of tests is a program (check.cc has its `main`): it runs
// every TEST and ends with the line "ok N", or "ok N failed M" and an exit code of 1.
namespace iomux::test {

using Body = void (*)();

// Enlists a test before `main` runs.
struct Test {
  Test(const char* name, Body body);
};

// Fails the test that is running, from any thread; it goes on to the end.
void Fail(const char* file, int line, const std::string& what);

// The test that is running cannot run here, and returns: it counts as neither passed nor failed.
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

// The name is a statement about the subject of the file.
#define TEST(name)                                             \
  static void name();                                          \
  static const iomux::test::Test name##_enlisted(#name, name); \
  static void name()

#define CHECK(condition) ((condition) ? void() : iomux::test::Fail(__FILE__, __LINE__, #condition))

#define CHECK_EQ(left, right) \
  iomux::test::CheckEqual(left, right, #left " == " #right, __FILE__, __LINE__)

#endif  // IOMUX_NATIVE_TEST_CHECK_H_
