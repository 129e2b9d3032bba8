// bulk_sink: takes what any number of connections send and counts it, until its standard input
// ends.
//
// The first bytes of every connection are compared with the pattern that bulk_source sends.
// `forget` and `connect` are counterparts of what is measured: they have the kernel discard the
// rest without copying it (MSG_TRUNC), so that they are not the limit. `forget` listens; `connect`
// connects to a sender that listens. `copy` listens and is the limit of the receivers: at most 64
// KiB in each recv(2).

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "load/pattern.h"
#include "support/address.h"
#include "support/control.h"
#include "support/loop.h"
#include "support/must.h"
#include "support/stream_socket.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

constexpr uint64_t kCompared = 4 << 20;
constexpr size_t kBufferSize = 64 * 1024;
constexpr size_t kMostForgotten = 1 << 20;

class Sink {
 public:
  explicit Sink(bool copies) : copies_(copies), pattern_(kBufferSize) {}

  void Listen(const Address& address) {
    listener_ = ListenOn(address);
    Watch(listener_.get());
    Control::Announce(Address::Of(listener_.get()).text());
  }

  void Connect(const Address& address) {
    Take(ConnectTo(address));
    Control::Announce(address.text());
  }

  void Run() {
    loop_.Run(totals_, [this](uint32_t, uint64_t data) { OnReadable(static_cast<int>(data)); });
  }

 private:
  struct Connection {
    UniqueFd fd;
    uint64_t received = 0;
  };

  void Watch(int fd) { loop_.Add(fd, EPOLLIN, static_cast<uint64_t>(fd)); }

  void OnReadable(int fd) {
    if (fd == listener_.get()) return Accept();
    auto& connection = connections_[static_cast<size_t>(fd)];
    const ssize_t length = Receive(*connection);
    if (length < 0 && errno == EAGAIN) return;
    if (length <= 0) return connection.reset();
    connection->received += static_cast<uint64_t>(length);
    totals_.bytes += static_cast<uint64_t>(length);
  }

  [[nodiscard]] ssize_t Receive(const Connection& connection) {
    if (connection.received < kCompared) return Compare(connection);
    return copies_ ? Copy(connection) : Forget(connection);
  }

  [[nodiscard]] ssize_t Compare(const Connection& connection) {
    const ssize_t length = Copy(connection);
    if (length > 0 &&
        !pattern_.Matches(connection.received, buffer_.data(), static_cast<size_t>(length))) {
      Fail("a connection", "delivered other bytes than were sent");
    }
    return length;
  }

  [[nodiscard]] ssize_t Copy(const Connection& connection) {
    return recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
  }

  [[nodiscard]] static ssize_t Forget(const Connection& connection) {
    return recv(connection.fd.get(), nullptr, kMostForgotten, MSG_TRUNC);
  }

  void Accept() {
    AcceptAll(listener_.get(), [this](UniqueFd accepted) { Take(std::move(accepted)); });
  }

  void Take(UniqueFd connection) {
    Watch(connection.get());
    const auto index = static_cast<size_t>(connection.get());
    if (index >= connections_.size()) connections_.resize(index + 1);
    connections_[index] = std::make_unique<Connection>(Connection{std::move(connection)});
  }

  Loop loop_;
  Totals totals_;
  const bool copies_;
  UniqueFd listener_;
  const Pattern pattern_;
  std::array<uint8_t, kBufferSize> buffer_;
  // By descriptor.
  std::vector<std::unique_ptr<Connection>> connections_;
};

int Main(int argc, char** argv) {
  if (argc != 3) Fail("usage", "bulk_sink forget|copy|connect ADDRESS");
  RaiseDescriptorLimit();
  const Address address = Address::Parse(argv[2]);
  Sink sink(std::strcmp(argv[1], "copy") == 0);
  if (std::strcmp(argv[1], "connect") == 0) {
    sink.Connect(address);
  } else {
    sink.Listen(address);
  }
  sink.Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
