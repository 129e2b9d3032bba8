// The load generator: many connections, one epoll loop, one thread.
//
// A closed loop sends the next message of a connection when the last one was answered: a server
// that halts for a second is asked nothing meanwhile, and all that is noted is one slow answer per
// connection. An open loop has a timetable instead, and a latency begins when the message was due,
// whether or not it could leave then: what the server makes wait is counted with all its waiting
// ("coordinated omission", Gil Tene).

#ifndef BENCH_NATIVE_LOAD_LOAD_H_
#define BENCH_NATIVE_LOAD_LOAD_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "load/connection.h"
#include "load/options.h"
#include "support/address.h"
#include "support/clock.h"
#include "support/epoll.h"

namespace bench {

class Load {
 public:
  // Connects every connection.
  explicit Load(const Options& options);

  // Lets them send.
  void Start();
  void RunFor(double seconds);
  // Sends no more and waits for the answers that are still out; one that does not come is an error.
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
