// The load generator: many connections, one epoll loop, one thread.

#ifndef BENCH_NATIVE_LOAD_LOAD_H_
#define BENCH_NATIVE_LOAD_LOAD_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "load/connection.h"
#include "load/options.h"
#include "support/clock.h"
#include "support/epoll.h"

namespace bench {

class Load {
 public:
  // Connects every connection, and only then lets them send.
  explicit Load(const Options& options);

  void RunFor(double seconds);
  // Sends no more and waits for the answers that are still out; one that does not come is an error.
  void Drain();

  [[nodiscard]] Traffic& traffic() { return traffic_; }
  [[nodiscard]] int errors() const { return errors_; }

 private:
  void Connect(const Options& options);
  void HandleReady(Time deadline);
  void Settle(std::unique_ptr<Connection>& connection, const char* failure);
  [[nodiscard]] bool AllIdle() const;

  Traffic traffic_;
  Epoll epoll_;
  // A connection that failed leaves nullptr: the indexes are what epoll hands back.
  std::vector<std::unique_ptr<Connection>> connections_;
  int errors_ = 0;
};

}  // namespace bench

#endif  // BENCH_NATIVE_LOAD_LOAD_H_
