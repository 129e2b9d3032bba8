// datagram_sink: receives datagrams and counts them, until its standard input ends: the counterpart
// of the measured senders, and the physical limit of the receivers.
//
// Methods: `recvmmsg`, one call for a batch; `gro`, UDP only, the same, where the kernel joins
// datagrams of one sender that arrive together to long messages (UDP_GRO). A datagram of another
// size than expected ends the program, so that nothing counts that was cut off or corrupted.
//
// BUFFER is the size of the receive buffer in bytes, which may be greater than the maximum of the
// system only for root. By default it is that of the system.

#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "datagram/sizes.h"
#include "support/address.h"
#include "support/control.h"
#include "support/loop.h"
#include "support/must.h"
#include "support/number.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

constexpr size_t kBatch = 64;
constexpr size_t kLargestMessage = 65536;

class Sink {
 public:
  Sink(const Address& address, const Sizes& sizes, bool gro)
      : sizes_(sizes),
        gro_(gro),
        fd_(Must(socket(address.domain(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket")),
        // One byte more than expected shows datagrams that are too long.
        capacity_(gro ? kLargestMessage : sizes.most + 1),
        storage_(kBatch * capacity_) {
    Must(bind(fd_.get(), address.get(), address.length()), "bind");
    const int on = 1;
    if (gro) Must(setsockopt(fd_.get(), SOL_UDP, UDP_GRO, &on, sizeof on), "UDP_GRO");
    for (size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {&storage_[i * capacity_], capacity_};
      batch_[i].msg_hdr.msg_iov = &parts_[i];
      batch_[i].msg_hdr.msg_iovlen = 1;
      if (gro) batch_[i].msg_hdr.msg_control = &controls_[i];
    }
    loop_.Add(fd_.get(), EPOLLIN, 0);
    Control::Announce(Address::Of(fd_.get()).text());
  }

  void SetBuffer(int bytes) {
    if (setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0) return;
    Must(setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes), "SO_RCVBUF");
  }

  void Run() {
    loop_.Run(totals_, [this](uint32_t, uint64_t) { ReceiveBatch(); });
  }

 private:
  // Room for the segment size, and its alignment.
  struct alignas(cmsghdr) ControlBuffer {
    std::array<char, CMSG_SPACE(sizeof(int))> bytes;
  };

  // Level-triggered: what is left is reported again, so that no call is spent on EAGAIN.
  void ReceiveBatch() {
    for (mmsghdr& message : batch_) {
      message.msg_hdr.msg_controllen = gro_ ? sizeof(ControlBuffer) : 0;
    }
    const int count = recvmmsg(fd_.get(), batch_.data(), kBatch, 0, nullptr);
    if (count < 0 && errno == EAGAIN) return;
    const auto received = static_cast<size_t>(Must(count, "recvmmsg"));
    for (size_t i = 0; i < received; ++i) Count(batch_[i]);
  }

  void Count(mmsghdr& message) {
    const size_t length = message.msg_len;
    const size_t size = gro_ ? SegmentSizeOf(message.msg_hdr) : 0;
    if (size == 0) return CountOne(length);
    for (size_t left = length; left > 0; left -= std::min(left, size)) {
      CountOne(std::min(left, size));
    }
  }

  void CountOne(size_t size) {
    if (!sizes_.Contain(size)) Fail("a datagram", "has another size than was said");
    ++totals_.datagrams;
    totals_.bytes += size;
  }

  // 0 where the message is one datagram.
  [[nodiscard]] static size_t SegmentSizeOf(msghdr& header) {
    for (cmsghdr* item = CMSG_FIRSTHDR(&header); item; item = CMSG_NXTHDR(&header, item)) {
      if (item->cmsg_level != SOL_UDP || item->cmsg_type != UDP_GRO) continue;
      int size;
      std::memcpy(&size, CMSG_DATA(item), sizeof size);
      return static_cast<size_t>(size);
    }
    return 0;
  }

  const Sizes sizes_;
  const bool gro_;
  UniqueFd fd_;
  Loop loop_;
  Totals totals_;
  const size_t capacity_;
  std::vector<char> storage_;
  std::array<iovec, kBatch> parts_{};
  std::array<ControlBuffer, kBatch> controls_{};
  std::array<mmsghdr, kBatch> batch_{};
};

bool IsGro(const char* method) {
  if (std::strcmp(method, "gro") == 0) return true;
  if (std::strcmp(method, "recvmmsg") == 0) return false;
  Fail("METHOD", "is none of recvmmsg, gro");
}

int Main(int argc, char** argv) {
  if (argc != 4 && argc != 5) Fail("usage", "datagram_sink SIZE METHOD [BUFFER] ADDRESS");
  Sink sink(Address::Parse(argv[argc - 1]), Sizes::Parse(argv[1]), IsGro(argv[2]));
  if (argc == 5) sink.SetBuffer(ParseInteger("BUFFER", argv[3], 1, 1 << 30));
  sink.Run();
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
