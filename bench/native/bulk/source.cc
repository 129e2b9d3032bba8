// bulk_source: sends the endless pattern over many connections, as fast as they take it, until its
// standard input ends.
//
// As a generator it connects, and sends a file in memory by sendfile(2), which copies nothing, so
// that it is not the limit. `copy` listens and is the limit of the senders: 64 KiB of its own
// memory in each send(2).

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "load/pattern.h"
#include "support/address.h"
#include "support/clock.h"
#include "support/control.h"
#include "support/loop.h"
#include "support/must.h"
#include "support/number.h"
#include "support/stream_socket.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

// Many periods of the pattern, so that calls are long, and few enough for the second-level cache.
constexpr size_t kFileSize = 128 * Pattern::kPeriod;
// Bytes of one connection before the others get their turn.
constexpr uint64_t kTurn = 1 << 20;
constexpr size_t kCopied = 64 * 1024;

UniqueFd PatternFile() {
  UniqueFd file(Must(memfd_create("pattern", MFD_CLOEXEC), "memfd_create"));
  const Pattern pattern(kFileSize);
  const ssize_t written = Must(write(file.get(), pattern.At(0), kFileSize), "write");
  if (static_cast<size_t>(written) != kFileSize) Fail("write", "was cut short");
  return file;
}

class Source {
 public:
  Source() : file_(PatternFile()), pattern_(kCopied) {}

  void Listen(const Address& address) {
    listener_ = ListenOn(address);
    loop_.Add(listener_.get(), EPOLLIN, kListener);
    Control::Announce(Address::Of(listener_.get()).text());
  }

  void Connect(const Address& address, int connections) {
    for (int i = 0; i < connections; ++i) {
      UniqueFd fd = ConnectTo(address);
      DoNotPace(fd.get());
      Feed(std::move(fd));
    }
    Control::Announce(address.text());
  }

  void Run() {
    loop_.Run(totals_, [this](uint32_t, uint64_t data) { OnReady(data); });
  }

 private:
  static constexpr uint64_t kListener = UINT64_MAX - 1;

  struct Connection {
    UniqueFd fd;
    off_t offset;
  };

  // BBR would pace the generator. The call may fail, since some systems do not let every user
  // choose.
  static void DoNotPace(int fd) {
    static_cast<void>(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
  }

  [[nodiscard]] bool listens() const { return listener_.get() >= 0; }

  void OnReady(uint64_t data) {
    if (data == kListener) return Accept();
    Send(connections_[data]);
  }

  void Accept() {
    AcceptAll(listener_.get(), [this](UniqueFd accepted) { Feed(std::move(accepted)); });
  }

  void Feed(UniqueFd fd) {
    loop_.Add(fd.get(), EPOLLOUT, connections_.size());
    connections_.push_back({std::move(fd), 0});
  }

  void Send(Connection& connection) {
    for (uint64_t left = kTurn; left > 0;) {
      const ssize_t sent = listens() ? SendCopy(connection) : SendFile(connection, left);
      if (sent < 0 && errno == EAGAIN) return;
      if (sent < 0 && listens()) {
        // The sink has ended, as it does after each turn.
        connection.fd = UniqueFd();
        return;
      }
      const auto length = static_cast<uint64_t>(Must(sent, "send or sendfile"));
      totals_.bytes += length;
      left -= std::min(left, length);
    }
  }

  [[nodiscard]] ssize_t SendFile(Connection& connection, uint64_t most) const {
    if (static_cast<size_t>(connection.offset) == kFileSize) connection.offset = 0;
    const auto rest = static_cast<uint64_t>(static_cast<off_t>(kFileSize) - connection.offset);
    return sendfile(connection.fd.get(), file_.get(), &connection.offset, std::min(most, rest));
  }

  [[nodiscard]] ssize_t SendCopy(Connection& connection) const {
    const uint8_t* const bytes = pattern_.At(static_cast<uint64_t>(connection.offset));
    const ssize_t sent = send(connection.fd.get(), bytes, kCopied, 0);
    if (sent > 0) connection.offset += sent;
    return sent;
  }

  Loop loop_;
  Totals totals_;
  // Only with `copy`.
  UniqueFd listener_;
  UniqueFd file_;
  const Pattern pattern_;
  std::vector<Connection> connections_;
};

int Main(int argc, char** argv) {
  if (argc != 3) Fail("usage", "bulk_source CONNECTIONS|copy ADDRESS");
  RaiseDescriptorLimit();
  // sendfile(2) has no MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  const Address address = Address::Parse(argv[2]);
  Source source;
  if (std::strcmp(argv[1], "copy") == 0) {
    source.Listen(address);
  } else {
    source.Connect(address, ParseInteger("CONNECTIONS", argv[1], 1, 1000000));
  }
  source.Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
