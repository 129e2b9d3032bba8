// One connection of the load generator: sends messages, times each, checks every byte.

#ifndef BENCH_NATIVE_LOAD_CONNECTION_H_
#define BENCH_NATIVE_LOAD_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "load/histogram.h"
#include "load/pattern.h"
#include "support/clock.h"
#include "support/unique_fd.h"

namespace bench {

// What all connections share.
struct Traffic {
  explicit Traffic(size_t message_size, int depth);

  const size_t message_size;
  // How many messages a connection of a closed loop keeps in flight.
  const size_t depth;
  const Pattern pattern;
  std::vector<uint8_t> buffer;
  // Nanoseconds from when a message was due until its last byte came back; only of messages that
  // were due at `counted_since` or later.
  Histogram latencies;
  Time counted_since = Time::min();
  uint64_t bytes_verified = 0;
  uint64_t messages = 0;
  // Whether an answer is followed by the next message.
  bool goes_on = true;
};

class Connection {
 public:
  // `fd` is connected and non-blocking, and is to be watched edge-triggered in both directions.
  Connection(UniqueFd fd, uint64_t start, Traffic* traffic);

  // These return nullptr, or why the connection has failed.

  // Sends the first messages of a closed loop.
  [[nodiscard]] const char* Start();
  // Sends one message, which was due at that time, as soon as those before it have left.
  [[nodiscard]] const char* Post(Time due);
  [[nodiscard]] const char* OnReady();

  [[nodiscard]] bool idle() const { return received_ == allowed_; }

 private:
  [[nodiscard]] const char* Receive();
  [[nodiscard]] const char* Accept(size_t length);
  [[nodiscard]] const char* Send();
  void Allow(uint64_t messages, Time due);

  UniqueFd fd_;
  Traffic* traffic_;
  // Where in the pattern this connection begins: what two connections send must differ.
  uint64_t start_;
  // Bytes since the beginning: received <= sent <= allowed.
  uint64_t received_ = 0;
  uint64_t sent_ = 0;
  uint64_t allowed_ = 0;
  // When each message was due that is in flight, or waits to be sent.
  std::deque<Time> due_;
  uint64_t answered_ = 0;
};

}  // namespace bench

#endif  // BENCH_NATIVE_LOAD_CONNECTION_H_
