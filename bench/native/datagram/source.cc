// datagram_source: sends datagrams to one address, until its standard input ends: the generator for
// the measured receivers, and the physical limit of the senders.
//
// Methods: `sendmmsg`, one call for a batch; `gso`, UDP only, as many as fit into one message that
// the kernel cuts up (UDP_SEGMENT), and a batch of such messages in a call. With RATE, datagrams
// per second, a burst is sent in one call whenever it is due; without, the next batch leaves as
// soon as the last has.
//
// Facts about the kernel: over the loopback interface, the call of the sender does all the work up
// to the queue of the receiver, and silently drops a datagram if that is full. A Unix datagram
// blocks the sender instead.

#include <netinet/udp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "datagram/sizes.h"
#include "support/address.h"
#include "support/clock.h"
#include "support/control.h"
#include "support/must.h"
#include "support/number.h"
#include "support/unique_fd.h"

namespace bench {
namespace {

constexpr size_t kBatch = 32;
// UDP_MAX_SEGMENTS of the kernels before 6.9.
constexpr size_t kMostSegments = 64;

struct Plan {
  Sizes sizes;
  // Datagrams in one message: more than one with GSO only.
  size_t segments;
  // Messages in one call.
  size_t messages;

  [[nodiscard]] size_t datagrams() const { return segments * messages; }
};

Plan PlanOf(const char* method, const Sizes& sizes, bool paced) {
  if (std::strcmp(method, "sendmmsg") == 0) return {sizes, 1, kBatch};
  if (std::strcmp(method, "gso") != 0) Fail("METHOD", "is none of sendmmsg, gso");
  if (!sizes.one()) Fail("SIZE", "must be one with gso");
  const size_t most = std::min(kMostSegments, Sizes::kLargest / sizes.least);
  // With a rate, a burst is one message; a sender at full speed sends as much as a call takes.
  if (paced) return {sizes, std::min(kBatch, most), 1};
  return {sizes, most, kBatch};
}

class Source {
 public:
  Source(const Address& address, const Plan& plan)
      : plan_(plan),
        fd_(Must(socket(address.domain(), SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket")),
        payload_(plan.sizes.most * plan.segments, 'x'),
        parts_(plan.messages),
        batch_(plan.messages) {
    Must(connect(fd_.get(), address.get(), address.length()), "connect");
    if (plan.segments > 1) {
      const int size = static_cast<int>(plan.sizes.least);
      Must(setsockopt(fd_.get(), SOL_UDP, UDP_SEGMENT, &size, sizeof size), "UDP_SEGMENT");
    }
    // A full Unix queue blocks. The timeout lets the program notice the end of its input meanwhile.
    const timeval patience{0, 50'000};
    Must(setsockopt(fd_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), "SO_SNDTIMEO");
    for (size_t i = 0; i < plan.messages; ++i) {
      parts_[i] = {payload_.data(), plan.sizes.Of(i) * plan.segments};
      batch_[i].msg_hdr.msg_iov = &parts_[i];
      batch_[i].msg_hdr.msg_iovlen = 1;
    }
    Control::Announce(address.text());
  }

  void RunAtFullSpeed() {
    constexpr size_t kBetweenChecks = 1024;
    while (!control_.ended()) {
      control_.Check(totals_);
      for (size_t sent = 0; sent < kBetweenChecks; sent += plan_.datagrams()) SendBatch();
    }
  }

  void RunAt(double rate) {
    // The default lets the kernel oversleep by 50 µs.
    Must(prctl(PR_SET_TIMERSLACK, 1), "prctl");
    const Duration interval = FromSeconds(static_cast<double>(plan_.datagrams()) / rate);
    Time due = Clock::now();
    while (!control_.ended()) {
      SendBatch();
      control_.Check(totals_);
      due += interval;
      SleepUntil(due);
    }
  }

 private:
  void SendBatch() {
    const int sent = plan_.messages == 1 ? SendOne() : SendMany();
    // With SO_SNDTIMEO, a SIGSTOP ends a blocked send with EINTR (signal(7)).
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    const auto messages = static_cast<size_t>(Must(sent, "send"));
    totals_.datagrams += messages * plan_.segments;
    for (size_t i = 0; i < messages; ++i) totals_.bytes += parts_[i].iov_len;
  }

  [[nodiscard]] int SendMany() {
    return sendmmsg(fd_.get(), batch_.data(), static_cast<unsigned>(batch_.size()), 0);
  }

  // How many messages, like sendmmsg.
  [[nodiscard]] int SendOne() {
    return send(fd_.get(), payload_.data(), parts_[0].iov_len, 0) < 0 ? -1 : 1;
  }

  static void SleepUntil(Time due) {
    const auto since_epoch = due.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
    const timespec time{seconds.count(), std::chrono::nanoseconds(since_epoch - seconds).count()};
    static_cast<void>(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr));
  }

  const Plan plan_;
  UniqueFd fd_;
  Control control_;
  Totals totals_;
  std::vector<char> payload_;
  std::vector<iovec> parts_;
  std::vector<mmsghdr> batch_;
};

int Main(int argc, char** argv) {
  if (argc != 4 && argc != 5) Fail("usage", "datagram_source SIZE METHOD [RATE] ADDRESS");
  const bool paced = argc == 5;
  Source source(Address::Parse(argv[argc - 1]), PlanOf(argv[2], Sizes::Parse(argv[1]), paced));
  if (paced) {
    source.RunAt(ParseDouble("RATE", argv[3], 1, 1e9));
  } else {
    source.RunAtFullSpeed();
  }
  return 0;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) { return bench::Main(argc, argv); }
