// bulk_source: sends the endless pattern over many connections, as fast as they take it, until its
// standard input ends.
//
// As a generator it sends a file in memory by sendfile(2), which copies nothing: it must not be
// what is measured. `copy` makes it the limit of a sender: 64 KiB of the process's own in each
// send(2).

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
#include "support/epoll.h"
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
  Source(const Address& address, int connections, bool copies)
      : copies_(copies), file_(PatternFile()), pattern_(kCopied) {
    for (int i = 0; i < connections; ++i) {
      UniqueFd fd = ConnectTo(address);
      if (!copies) DoNotPace(fd.get());
      epoll_.Add(fd.get(), EPOLLOUT, static_cast<uint64_t>(i));
      connections_.push_back({std::move(fd), 0});
    }
    epoll_.Add(Control::kFd, EPOLLIN, kControl);
    Control::Announce(address.text());
  }

  void Run() {
    while (!control_.ended()) {
      epoll_.Wait(-1, [this](uint32_t, uint64_t data) {
        if (data == kControl) {
          control_.OnReadable(totals_);
        } else {
          Send(connections_[data]);
        }
      });
    }
  }

 private:
  static constexpr uint64_t kControl = UINT64_MAX;

  struct Connection {
    UniqueFd fd;
    off_t offset;
  };

  // A generator that is held back by BBR measures BBR. Not everybody is allowed to choose.
  static void DoNotPace(int fd) {
    static_cast<void>(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
  }

  void Send(Connection& connection) {
    for (uint64_t left = kTurn; left > 0;) {
      const ssize_t sent = copies_ ? SendCopy(connection) : SendFile(connection, left);
      if (sent < 0 && errno == EAGAIN) return;
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

  Epoll epoll_;
  Control control_;
  Totals totals_;
  const bool copies_;
  UniqueFd file_;
  const Pattern pattern_;
  std::vector<Connection> connections_;
};

int Main(int argc, char** argv) {
  const bool copies = argc == 4 && std::strcmp(argv[3], "copy") == 0;
  if (argc != 3 && !copies) Fail("usage", "bulk_source ADDRESS CONNECTIONS [copy]");
  RaiseDescriptorLimit();
  // sendfile(2) has no MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  const int connections = ParseInteger("CONNECTIONS", argv[2], 1, 1000000);
  Source(Address::Parse(argv[1]), connections, copies).Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
