// echo_epoll: the echo server that the others are compared with, written straight on epoll(7) in
// one thread: the physical limit of a readiness-based server with one thread.
//
// Prints {"port":N} and serves until its standard input ends or it is told to terminate.
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

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "support/epoll.h"
#include "support/must.h"
#include "support/number.h"
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
    // The edge of bytes that arrived while the connection was blocked is gone.
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
  explicit Server(uint16_t port)
      : listener_(Must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const bytes = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    Must(bind(listener_.get(), bytes, length), "bind");
    Must(listen(listener_.get(), SOMAXCONN), "listen");
    Must(getsockname(listener_.get(), bytes, &length), "getsockname");
    port_ = ntohs(address.sin_port);
    epoll_.Add(listener_.get(), EPOLLIN, static_cast<uint64_t>(listener_.get()));
    epoll_.Add(STDIN_FILENO, EPOLLIN, STDIN_FILENO);
  }

  [[nodiscard]] uint16_t port() const { return port_; }

  void Run() {
    while (!ended_) {
      epoll_.Wait(
          -1, [this](uint32_t events, uint64_t data) { OnReady(events, static_cast<int>(data)); });
    }
  }

 private:
  void OnReady(uint32_t events, int fd) {
    if (fd == listener_.get()) return AcceptAll();
    if (fd == STDIN_FILENO) return ReadCommand();
    auto& connection = connections_[static_cast<size_t>(fd)];
    if (!connection->OnReady(events)) connection.reset();
  }

  void AcceptAll() {
    for (;;) {
      const int fd = accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0 && errno == EAGAIN) return;
      if (fd < 0 && errno == ECONNABORTED) continue;
      UniqueFd accepted(Must(fd, "accept4"));
      const int on = 1;
      Must(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "setsockopt");
      epoll_.Add(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, static_cast<uint64_t>(fd));
      const auto index = static_cast<size_t>(fd);
      if (index >= connections_.size()) connections_.resize(index + 1);
      connections_[index] = std::make_unique<Connection>(std::move(accepted));
    }
  }

  void ReadCommand() {
    char ignored[256];
    ended_ = Must(read(STDIN_FILENO, ignored, sizeof ignored), "read") == 0;
  }

  Epoll epoll_;
  UniqueFd listener_;
  uint16_t port_ = 0;
  // By descriptor: the kernel hands out the lowest free number, so the table stays dense.
  std::vector<std::unique_ptr<Connection>> connections_;
  bool ended_ = false;
};

int Main(int argc, char** argv) {
  if (argc > 2) Fail("usage", "echo_epoll [PORT]");
  RaiseDescriptorLimit();
  Server server(argc == 2 ? ParseInteger<uint16_t>("PORT", argv[1], 0, 65535) : uint16_t{0});
  std::printf("{\"port\":%d}\n", server.port());
  std::fflush(stdout);
  server.Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
