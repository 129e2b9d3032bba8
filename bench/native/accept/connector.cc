// connector: connects over and over, some connections at a time, and counts those that the server
// has accepted, answered and closed, until its standard input ends.
//
// With a message, each sends one of its own and must get it back before the end; without, the
// server closes what it accepts.
//
// Facts about the kernel: whoever closes first holds the pair of addresses for a minute
// (TIME_WAIT), unless the other one resets the connection then.
//
// What follows: connections are reset once the server has closed them. Otherwise the ports of the
// machine would be used up within seconds, and the benchmark would measure how the kernel searches
// for a free one.

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "load/pattern.h"
#include "support/address.h"
#include "support/control.h"
#include "support/loop.h"
#include "support/must.h"
#include "support/number.h"
#include "support/stream_socket.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

constexpr size_t kLongest = 64 * 1024;

class Connector {
 public:
  Connector(const Address& address, size_t in_flight, size_t size)
      : address_(address), size_(size), pattern_(kLongest), buffer_(kLongest) {
    connections_.resize(in_flight);
    for (size_t i = 0; i < in_flight; ++i) Connect(i);
    Control::Announce(address.text());
  }

  void Run() {
    loop_.Run(totals_, [this](uint32_t events, uint64_t index) { OnReady(index, events); });
  }

 private:
  // As in `load`: what two connections send must differ.
  static constexpr uint64_t kStride = 1009;

  struct Connection {
    UniqueFd fd;
    // Where in the pattern the message begins.
    uint64_t start = 0;
    // Of the message.
    size_t sent = 0;
    size_t received = 0;
  };

  void Connect(size_t index) {
    UniqueFd fd(
        Must(socket(address_.domain(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
    SetNoDelay(fd.get());
    const linger reset{1, 0};
    Must(setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset), "setsockopt");
    if (connect(fd.get(), address_.get(), address_.length()) < 0 && errno != EINPROGRESS) {
      Fail("connect", std::strerror(errno));
    }
    // Without a message there is nothing to do until the server closes the connection.
    const uint32_t writable = size_ > 0 ? uint32_t{EPOLLOUT} : 0;
    loop_.Add(fd.get(), EPOLLIN | EPOLLET | writable, index);
    connections_[index] = {std::move(fd), opened_++ * kStride};
  }

  void OnReady(size_t index, uint32_t events) {
    Connection& connection = connections_[index];
    if ((events & EPOLLOUT) != 0) Send(connection);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0) return;
    if (!HasEnded(connection)) return;
    if (connection.received != size_) Fail("a connection", "ended without the answer");
    ++totals_.connections;
    Connect(index);
  }

  void Send(Connection& connection) {
    while (connection.sent < size_) {
      const ssize_t sent =
          send(connection.fd.get(), pattern_.At(connection.start + connection.sent),
               size_ - connection.sent, MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return;
      connection.sent += static_cast<size_t>(Must(sent, "send"));
    }
  }

  [[nodiscard]] bool HasEnded(Connection& connection) {
    for (;;) {
      const ssize_t length = recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
      if (length < 0 && errno == EAGAIN) return false;
      if (Must(length, "recv") == 0) return true;
      const auto received = static_cast<size_t>(length);
      if (connection.received + received > size_ ||
          !pattern_.Matches(connection.start + connection.received, buffer_.data(), received)) {
        Fail("a connection", "got other bytes back than it sent");
      }
      connection.received += received;
    }
  }

  Loop loop_;
  Totals totals_;
  const Address address_;
  const size_t size_;
  const Pattern pattern_;
  std::vector<uint8_t> buffer_;
  std::vector<Connection> connections_;
  uint64_t opened_ = 0;
};

int Main(int argc, char** argv) {
  if (argc != 4) Fail("usage", "connector ADDRESS IN_FLIGHT SIZE");
  RaiseDescriptorLimit();
  const auto in_flight = ParseInteger<size_t>("IN_FLIGHT", argv[2], 1, 10000);
  const auto size = ParseInteger<size_t>("SIZE", argv[3], 0, kLongest);
  Connector(Address::Parse(argv[1]), in_flight, size).Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
