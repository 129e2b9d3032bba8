// echo_epoll: the echo server that the others are compared with, written straight on epoll(7) in
// one thread: the physical limit of a readiness-based server with one thread.
//
// Over TCP or a Unix stream socket, as its address says. Serves until its standard input ends.
//
// Facts about the kernel: a level-triggered descriptor that was ready goes back on the ready list
// and is polled once more by the next epoll_wait, only to be found drained; an edge-triggered one
// is not, which saves about 2 % of the processor time. An edge is reported for every arrival, so a
// short read may stop without asking for the EAGAIN, and an edge for room comes only after a write
// fell short of it.
//
// What follows: each connection is registered once, edge-triggered in both directions, and costs
// one recv and one send per message. A connection whose peer does not read keeps its bytes and is
// not read from until they are gone.

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "support/address.h"
#include "support/control.h"
#include "support/loop.h"
#include "support/must.h"
#include "support/stream_socket.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

// One for all connections: it is empty whenever the loop turns to the next.
std::array<char, 64 * 1024> shared_buffer;

class Connection {
 public:
  explicit Connection(UniqueFd fd) : fd_(std::move(fd)) {}

  // Returns false once the connection is over.
  [[nodiscard]] bool OnReady(uint32_t events) {
    const bool was_blocked = !unsent_.empty();
    if (was_blocked && !SendUnsent()) return false;
    if (!unsent_.empty()) return true;
    // The edge of bytes that arrived while the connection was blocked has passed.
    if (!was_blocked && (events & ~uint32_t{EPOLLOUT}) == 0) return true;
    return Echo((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
  }

 private:
  // `ending`: the end of the stream is already in the socket, and no further edge will announce it.
  [[nodiscard]] bool Echo(bool ending) {
    for (;;) {
      const ssize_t length = recv(fd_.get(), shared_buffer.data(), shared_buffer.size(), 0);
      if (length == 0) return false;
      if (length < 0) return errno == EAGAIN;
      const auto received = static_cast<size_t>(length);
      const ssize_t sent = Send(shared_buffer.data(), received);
      if (sent < 0) return false;
      if (sent < length) {
        unsent_.assign(shared_buffer.begin() + sent, shared_buffer.begin() + length);
        return true;
      }
      if (received < shared_buffer.size() && !ending) return true;
    }
  }

  [[nodiscard]] bool SendUnsent() {
    const ssize_t sent = Send(unsent_.data(), unsent_.size());
    if (sent < 0) return false;
    unsent_.erase(unsent_.begin(), unsent_.begin() + sent);
    return true;
  }

  // How many bytes the kernel took, until it took all or would have blocked; -1 if the peer is
  // gone.
  [[nodiscard]] ssize_t Send(const char* bytes, size_t length) {
    size_t total = 0;
    while (total < length) {
      const ssize_t sent = send(fd_.get(), bytes + total, length - total, MSG_NOSIGNAL);
      if (sent < 0) {
        if (errno == EAGAIN) break;
        return -1;
      }
      total += static_cast<size_t>(sent);
    }
    return static_cast<ssize_t>(total);
  }

  UniqueFd fd_;
  std::vector<char> unsent_;
};

class Server {
 public:
  explicit Server(const Address& address) : listener_(ListenOn(address)) {
    Watch(listener_.get(), EPOLLIN);
    Control::Announce(Address::Of(listener_.get()).text());
  }

  void Run() {
    loop_.Run({},
              [this](uint32_t events, uint64_t data) { OnReady(events, static_cast<int>(data)); });
  }

 private:
  void Watch(int fd, uint32_t events) { loop_.Add(fd, events, static_cast<uint64_t>(fd)); }

  void OnReady(uint32_t events, int fd) {
    if (fd == listener_.get()) return Accept();
    auto& connection = connections_[static_cast<size_t>(fd)];
    if (!connection->OnReady(events)) connection.reset();
  }

  void Accept() {
    AcceptAll(listener_.get(), [this](UniqueFd accepted) {
      Watch(accepted.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
      const auto index = static_cast<size_t>(accepted.get());
      if (index >= connections_.size()) connections_.resize(index + 1);
      connections_[index] = std::make_unique<Connection>(std::move(accepted));
    });
  }

  Loop loop_;
  UniqueFd listener_;
  // By descriptor: the kernel hands out the lowest free number, so the table stays dense.
  std::vector<std::unique_ptr<Connection>> connections_;
};

int Main(int argc, char** argv) {
  if (argc != 2) Fail("usage", "echo_epoll ADDRESS");
  RaiseDescriptorLimit();
  Server(Address::Parse(argv[1])).Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
