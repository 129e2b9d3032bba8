// bulk_source: sends the endless pattern over many connections, as fast as they take it, until its
// standard input ends.
//
// The pattern is a file in memory and leaves by sendfile(2), which copies nothing: on two cores the
// generator shares one with the sink, and must not be what is measured.

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
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

UniqueFd PatternFile() {
  UniqueFd file(Must(memfd_create("pattern", MFD_CLOEXEC), "memfd_create"));
  const Pattern pattern(kFileSize);
  const ssize_t written = Must(write(file.get(), pattern.At(0), kFileSize), "write");
  if (static_cast<size_t>(written) != kFileSize) Fail("write", "was cut short");
  return file;
}

class Source {
 public:
  Source(const Address& address, int connections) : file_(PatternFile()) {
    for (int i = 0; i < connections; ++i) {
      UniqueFd fd = ConnectTo(address);
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

  void Send(Connection& connection) {
    for (uint64_t left = kTurn; left > 0;) {
      const auto rest = static_cast<uint64_t>(static_cast<off_t>(kFileSize) - connection.offset);
      const ssize_t sent =
          sendfile(connection.fd.get(), file_.get(), &connection.offset, std::min(left, rest));
      if (sent < 0 && errno == EAGAIN) return;
      const auto length = static_cast<uint64_t>(Must(sent, "sendfile"));
      totals_.bytes += length;
      left -= length;
      if (static_cast<size_t>(connection.offset) == kFileSize) connection.offset = 0;
    }
  }

  Epoll epoll_;
  Control control_;
  Totals totals_;
  UniqueFd file_;
  std::vector<Connection> connections_;
};

int Main(int argc, char** argv) {
  if (argc != 3) Fail("usage", "bulk_source ADDRESS CONNECTIONS");
  RaiseDescriptorLimit();
  // sendfile(2) has no MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  const int connections = ParseInteger("CONNECTIONS", argv[2], 1, 1000000);
  Source(Address::Parse(argv[1]), connections).Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
