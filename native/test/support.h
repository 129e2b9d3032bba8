#ifndef IOMUX_NATIVE_TEST_SUPPORT_H_
#define IOMUX_NATIVE_TEST_SUPPORT_H_

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "native/sys/unique_fd.h"

namespace iomux::test {

struct Ends {
  UniqueFd reader;
  UniqueFd writer;
};

// Both ends non-blocking.
Ends OpenPipe();

bool IsOpen(int fd);
bool IsReadable(int fd);
bool IsNonBlocking(int fd);
bool IsCloseOnExec(int fd);
void WriteByte(int fd);

// A socket that listens on a free port of 127.0.0.1, and a connection to it.
UniqueFd ListenOnLoopback(int* port);
struct Connection {
  UniqueFd client;
  UniqueFd server;
};
Connection ConnectOverLoopback();

// Over loopback, a send of Linux ends when the datagram, or its refusal, has arrived. FreeBSD
// leaves that to another thread, which this waits for.
void AwaitArrival();

class Stopwatch {
 public:
  [[nodiscard]] double Milliseconds() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - start_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC, as Deadline
  Clock::time_point start_ = Clock::now();
};

// While the object lives, interrupts the thread that made it with a signal, about once a
// millisecond.
class Interruptions {
 public:
  Interruptions();
  ~Interruptions();
  Interruptions(const Interruptions&) = delete;
  Interruptions& operator=(const Interruptions&) = delete;

  [[nodiscard]] static int Count();

 private:
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

// While the object lives, the process can have no descriptor of `limit` or above; without a limit,
// as many as the system allows.
class DescriptorLimit {
 public:
  DescriptorLimit();
  explicit DescriptorLimit(rlim_t limit);
  ~DescriptorLimit();
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  void Set(rlim_t limit) const;

  rlimit before_{};
};

}  // namespace iomux::test

#endif  // IOMUX_NATIVE_TEST_SUPPORT_H_
