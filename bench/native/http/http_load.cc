// http_load: a load generator for one small resource of an HTTP server. Every connection is kept
// alive and has one request under way.
//
// Facts about the protocol: what a server answers to the same request has the same length every
// time, the date included.
//
// What follows: the length is learnt from the first answer, and a later one is complete when as
// much has come. Its first line and its body are compared with those of the first.

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "load/histogram.h"
#include "load/measurement.h"
#include "support/address.h"
#include "support/clock.h"
#include "support/epoll.h"
#include "support/must.h"
#include "support/number.h"
#include "support/stream_socket.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

constexpr std::string_view kRequest = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::string_view kSuccess = "HTTP/1.1 200 OK\r\n";
constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::string_view kLength = "Content-Length: ";
constexpr int kPatienceMilliseconds = 20'000;

// The first answer, which all others must be like.
class Model {
 public:
  // Returns whether the bytes are a whole answer; ends the program if they never will be.
  [[nodiscard]] bool Learn(const std::string& bytes) {
    const size_t end_of_head = bytes.find(kEndOfHead);
    if (end_of_head == std::string::npos) return false;
    if (bytes.compare(0, kSuccess.size(), kSuccess) != 0) Fail("the answer", "is no success");
    const size_t length = bytes.find(kLength);
    if (length > end_of_head) Fail("the answer", "does not tell its length");
    const size_t body = end_of_head + kEndOfHead.size();
    size_ = body + std::strtoul(bytes.c_str() + length + kLength.size(), nullptr, 10);
    if (bytes.size() < size_) return false;
    if (bytes.size() > size_) Fail("the answer", "is longer than it tells");
    body_ = bytes.substr(body);
    return true;
  }

  [[nodiscard]] size_t size() const { return size_; }

  [[nodiscard]] bool Matches(const std::string& answer) const {
    return answer.compare(0, kSuccess.size(), kSuccess) == 0 &&
           answer.compare(size_ - body_.size(), body_.size(), body_) == 0;
  }

 private:
  size_t size_ = 0;
  std::string body_;
};

class HttpLoad {
 public:
  HttpLoad(const Address& address, size_t connections) {
    for (size_t i = 0; i < connections; ++i) {
      connections_.push_back({ConnectTo(address), {}, {}});
      epoll_.Add(connections_[i].fd.get(), EPOLLIN, i);
    }
    LearnModel(connections_.front());
    for (Connection& connection : connections_) Request(connection);
  }

  void RunFor(double seconds) {
    const Time deadline = Clock::now() + FromSeconds(seconds);
    while (Clock::now() < deadline) {
      epoll_.Wait(MillisecondsUntil(deadline),
                  [this](uint32_t, uint64_t index) { OnReadable(connections_[index]); });
    }
  }

  Histogram latencies;

 private:
  struct Connection {
    UniqueFd fd;
    Time sent_at;
    std::string answer;
  };

  void LearnModel(Connection& connection) {
    Request(connection);
    pollfd readable{connection.fd.get(), POLLIN, 0};
    do {
      if (Must(poll(&readable, 1, kPatienceMilliseconds), "poll") == 0) {
        Fail("the server", "does not answer");
      }
      Receive(connection);
    } while (!model_.Learn(connection.answer));
    connection.answer.clear();
  }

  static void Request(Connection& connection) {
    connection.sent_at = Clock::now();
    // The socket is empty: the last request was answered.
    const ssize_t sent =
        Must(send(connection.fd.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL), "send");
    if (static_cast<size_t>(sent) != kRequest.size()) Fail("send", "was cut short");
  }

  static void Receive(Connection& connection) {
    char bytes[16 * 1024];
    const ssize_t length = recv(connection.fd.get(), bytes, sizeof bytes, 0);
    if (length < 0 && errno == EAGAIN) return;
    if (Must(length, "recv") == 0) Fail("the server", "closed a connection");
    connection.answer.append(bytes, static_cast<size_t>(length));
  }

  void OnReadable(Connection& connection) {
    Receive(connection);
    if (connection.answer.size() < model_.size()) return;
    if (connection.answer.size() > model_.size() || !model_.Matches(connection.answer)) {
      Fail("an answer", "is not like the first");
    }
    const auto latency = Clock::now() - connection.sent_at;
    latencies.Record(static_cast<uint64_t>(std::chrono::nanoseconds(latency).count()));
    connection.answer.clear();
    Request(connection);
  }

  Epoll epoll_;
  Model model_;
  std::vector<Connection> connections_;
};

int Main(int argc, char** argv) {
  if (argc != 6) Fail("usage", "http_load ADDRESS SERVER_PID CONNECTIONS WARM_UP SECONDS");
  RaiseDescriptorLimit();
  const auto connections = ParseInteger<size_t>("CONNECTIONS", argv[3], 1, 100000);
  const double warm_up = ParseDouble("WARM_UP", argv[4], 0, 3600);
  const double seconds = ParseDouble("SECONDS", argv[5], 0.001, 3600);
  const Clocks clocks(ParseInteger<pid_t>("SERVER_PID", argv[2], 1, 1 << 30));
  HttpLoad load(Address::Parse(argv[1]), connections);
  load.RunFor(warm_up);
  load.latencies = Histogram();
  const Instant begin = clocks.Read();
  load.RunFor(seconds);
  const Instant end = clocks.Read();
  std::printf("{");
  PrintMeasurement(load.latencies.total(), load.latencies, begin, end);
  std::printf("}\n");
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
