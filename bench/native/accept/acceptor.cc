// acceptor: accepts connections and closes them, at once or after one message has gone back: the
// physical limit of a server of short connections with one thread.

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
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

std::array<char, 64 * 1024> shared_buffer;

class Acceptor {
 public:
  Acceptor(const Address& address, bool answers) : answers_(answers), listener_(ListenOn(address)) {
    loop_.Add(listener_.get(), EPOLLIN, static_cast<uint64_t>(listener_.get()));
    Control::Announce(Address::Of(listener_.get()).text());
  }

  void Run() {
    loop_.Run({}, [this](uint32_t, uint64_t data) { OnReadable(static_cast<int>(data)); });
  }

 private:
  void OnReadable(int fd) {
    if (fd == listener_.get()) return Accept();
    UniqueFd& connection = connections_[static_cast<size_t>(fd)];
    if (Answer(fd)) connection = UniqueFd();
  }

  void Accept() {
    AcceptAll(listener_.get(), [this](UniqueFd accepted) {
      const int fd = accepted.get();
      // The message is often there already, and then the connection is over at once.
      if (!answers_ || Answer(fd)) return;
      loop_.Add(fd, EPOLLIN | EPOLLET, static_cast<uint64_t>(fd));
      const auto index = static_cast<size_t>(fd);
      if (index >= connections_.size()) connections_.resize(index + 1);
      connections_[index] = std::move(accepted);
    });
  }

  // Returns whether the connection is over; the message fits into the buffers of the kernel.
  [[nodiscard]] static bool Answer(int fd) {
    const ssize_t length = recv(fd, shared_buffer.data(), shared_buffer.size(), 0);
    if (length <= 0) return length == 0 || errno != EAGAIN;
    const ssize_t sent = send(fd, shared_buffer.data(), static_cast<size_t>(length), MSG_NOSIGNAL);
    // The generator resets its connections when it ends.
    if (sent >= 0 && sent < length) Fail("send", "did not take a message at once");
    return true;
  }

  Loop loop_;
  const bool answers_;
  UniqueFd listener_;
  // By descriptor.
  std::vector<UniqueFd> connections_;
};

int Main(int argc, char** argv) {
  const bool answers = argc == 3 && std::strcmp(argv[1], "answer") == 0;
  if (!answers && (argc != 3 || std::strcmp(argv[1], "close") != 0)) {
    Fail("usage", "acceptor answer|close ADDRESS");
  }
  RaiseDescriptorLimit();
  Acceptor(Address::Parse(argv[2]), answers).Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
