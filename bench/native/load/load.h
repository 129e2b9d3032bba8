// The load generator: many connections, one epoll loop, one thread.
//
// A closed loop sends the next message of a connection when the last one was answered. While a
// server stalls, it is sent nothing, and the stall counts as only one slow answer per connection.
// An open loop has a timetable instead, and a latency counts from when the message was due, whether
// or not it could be sent then. So a stall counts for every message that was due meanwhile;
// otherwise it would not ("coordinated omission", Gil Tene).

#ifndef BENCH_NATIVE_LOAD_LOAD_H_
#define BENCH_NATIVE_LOAD_LOAD_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "load/connection.h"
#include "support/address.h"
#include "support/clock.h"
#include "support/epoll.h"

namespace bench {

struct Options {
  std::string address;
  int connections = 1;
  size_t message_size = 64;
  // Messages per second of all connections together; 0 for a closed loop.
  double rate = 0;
  // Further connections, which send large messages as fast as they are answered, and whose
  // latencies do not count.
  int busy = 0;
};

class Load {
 public:
  // Connects every connection.
  explicit Load(const Options& options);

  // Starts sending.
  void Start();
  void RunFor(double seconds);
  // Stops sending and waits for the outstanding answers; a missing one is an error.
  void Drain();

  [[nodiscard]] Traffic& traffic() { return traffic_; }
  [[nodiscard]] const Traffic& busy_traffic() const { return busy_traffic_; }
  [[nodiscard]] int errors() const { return errors_; }

 private:
  void Connect(const Address& address, Traffic* traffic);
  void PostDue();
  void HandleReady(Time deadline);
  void Settle(std::unique_ptr<Connection>& connection, const char* failure);
  [[nodiscard]] bool AllIdle() const;

  Traffic traffic_;
  Traffic busy_traffic_;
  Epoll epoll_;
  // A connection that failed leaves nullptr: the indexes are what epoll hands back. The busy ones
  // are the last.
  std::vector<std::unique_ptr<Connection>> connections_;
  const size_t posting_;
  // Between two messages of an open loop, of any connection; zero for a closed one.
  const Duration interval_;
  Time next_due_;
  size_t next_connection_ = 0;
  int errors_ = 0;
};

}  // namespace bench

#endif  // BENCH_NATIVE_LOAD_LOAD_H_
