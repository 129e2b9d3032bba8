#include "native/sys/message.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "native/sys/credentials.h"
#include "native/sys/rights.h"
#include "native/sys/socket.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::Address;
using iomux::Arrival;
using iomux::ControlEntry;
using iomux::ForEachDescriptor;
using iomux::kMostControl;
using iomux::ReceiveMessage;
using iomux::SendMessage;
using iomux::UniqueFd;
using iomux::test::AwaitArrival;
using iomux::test::Ends;
using iomux::test::IsCloseOnExec;
using iomux::test::OpenPipe;

// Linked with rights_closed.cc, and a second time with rights_darwin.cc, or only with that on
// Darwin.

namespace {

const uint8_t kByte[] = {'x'};

struct Pair {
  UniqueFd ours;
  UniqueFd theirs;
};

Pair UnixPair(int type) {
  int ends[2] = {-1, -1};
  CHECK_EQ(iomux::SocketPair(AF_UNIX, type, 0, ends), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// The control entry that sends the descriptors.
std::vector<uint8_t> Rights(const std::vector<int>& fds) {
  const ControlEntry entry = {SOL_SOCKET, SCM_RIGHTS,
                              static_cast<int32_t>(fds.size() * sizeof(int))};
  std::vector<uint8_t> bytes(entry.size());
  std::memcpy(bytes.data(), &entry, sizeof entry);
  std::memcpy(bytes.data() + sizeof entry, fds.data(), fds.size() * sizeof(int));
  return bytes;
}

int Send(int fd, const std::vector<uint8_t>& control) {
  return SendMessage(fd, {kByte, 1}, Address(), {control.data(), control.size()}, 0);
}

// Receives a byte with `room` for control entries: the descriptors that have arrived.
std::vector<UniqueFd> Receive(int fd, size_t room, Arrival* arrival) {
  uint8_t byte;
  uint8_t control[kMostControl];
  CHECK_EQ(ReceiveMessage(fd, &byte, 1, control, room, 0, arrival), 1);
  std::vector<UniqueFd> fds;
  ForEachDescriptor(control, arrival->control_length, [&](int received) {
    fds.emplace_back(received);
    return -1;
  });
  // A descriptor that was taken is replaced.
  ForEachDescriptor(control, arrival->control_length, [&](int received) {
    CHECK_EQ(received, -1);
    return received;
  });
  return fds;
}

}  // namespace

TEST(DescriptorsArriveOpenAndCloseOnExec) {
  const Pair pair = UnixPair(SOCK_STREAM);
  const Ends pipe = OpenPipe();
  CHECK_EQ(Send(pair.ours.get(), Rights({pipe.reader.get(), pipe.writer.get()})), 1);
  Arrival arrival;
  const auto fds = Receive(pair.theirs.get(), kMostControl, &arrival);
  CHECK_EQ(fds.size(), size_t{2});
  CHECK_EQ(arrival.flags, 0);
  for (const UniqueFd& fd : fds) CHECK(IsCloseOnExec(fd.get()));
}

TEST(AsManyDescriptorsAsTheSystemTakesFit) {
  const Pair pair = UnixPair(SOCK_DGRAM);
  const Ends pipe = OpenPipe();
  CHECK_EQ(Send(pair.ours.get(), Rights(std::vector<int>(253, pipe.reader.get()))), 1);
  Arrival arrival;
  CHECK_EQ(Receive(pair.theirs.get(), kMostControl, &arrival).size(), size_t{253});
  CHECK_EQ(arrival.flags, 0);
}

TEST(WithoutRoomDescriptorsAreDroppedAndThatIsSaid) {
#ifdef __FreeBSD__
  constexpr int kNoBufferAtAll = 0;
#else
  constexpr int kNoBufferAtAll = MSG_CTRUNC;
#endif
  const Pair pair = UnixPair(SOCK_STREAM);
  Ends pipe = OpenPipe();
  for (const size_t room : {size_t{0}, CMSG_LEN(0)}) {
    CHECK_EQ(Send(pair.ours.get(), Rights({pipe.writer.get()})), 1);
    Arrival arrival;
    CHECK_EQ(Receive(pair.theirs.get(), room, &arrival).size(), size_t{0});
    CHECK_EQ(arrival.flags, room == 0 ? kNoBufferAtAll : MSG_CTRUNC);
  }
  // No other descriptor of the writing end is open.
  pipe.writer.reset();
  uint8_t byte;
  CHECK_EQ(read(pipe.reader.get(), &byte, 1), ssize_t{0});
}

TEST(WithRoomForSomeOfThemTheOthersAreDropped) {
#ifdef __FreeBSD__
  constexpr size_t kReceived = 0;  // all of them
#else
  constexpr size_t kReceived = 2;
#endif
  const Pair pair = UnixPair(SOCK_STREAM);
  const Ends pipe = OpenPipe();
  CHECK_EQ(Send(pair.ours.get(), Rights(std::vector<int>(4, pipe.reader.get()))), 1);
  Arrival arrival;
  CHECK_EQ(Receive(pair.theirs.get(), CMSG_LEN(2 * sizeof(int)), &arrival).size(), kReceived);
  CHECK_EQ(arrival.flags, MSG_CTRUNC);
}

TEST(BytesAloneBringNoDescriptors) {
  for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
    const Pair pair = UnixPair(type);
    Ends pipe = OpenPipe();
    CHECK_EQ(Send(pair.ours.get(), Rights({pipe.writer.get(), pipe.writer.get()})), 1);
    uint8_t byte;
    CHECK_EQ(iomux::Receive(pair.theirs.get(), &byte, 1), 1);
    CHECK_EQ(iomux::Receive(pair.theirs.get(), &byte, 1), -EAGAIN);
    pipe.writer.reset();
    CHECK_EQ(read(pipe.reader.get(), &byte, 1), ssize_t{0});
  }
}

TEST(LookingAtAMessageTakesNoDescriptorFromIt) {
  const Pair pair = UnixPair(SOCK_STREAM);
  Ends pipe = OpenPipe();
  CHECK_EQ(Send(pair.ours.get(), Rights({pipe.writer.get()})), 1);
  uint8_t byte;
  uint8_t control[kMostControl];
  Arrival arrival;
  for (const size_t room : {size_t{0}, kMostControl}) {
    CHECK_EQ(ReceiveMessage(pair.theirs.get(), &byte, 1, control, room, MSG_PEEK, &arrival), 1);
    // Where MSG_PEEK returns descriptors, they are duplicates.
    ForEachDescriptor(control, arrival.control_length, [&](int fd) {
      CHECK(iomux::kPeeksRights);
      CHECK(fd > STDERR_FILENO);
      close(fd);
      return -1;
    });
  }
  CHECK_EQ(Receive(pair.theirs.get(), kMostControl, &arrival).size(), size_t{1});
  pipe.writer.reset();
  CHECK_EQ(read(pipe.reader.get(), &byte, 1), ssize_t{0});
}

TEST(AMessageThatIsLongerThanTheBufferSaysSo) {
  const Pair pair = UnixPair(SOCK_DGRAM);
  CHECK_EQ(SendMessage(pair.ours.get(), {kByte, 1}, Address(), {}, 0), 1);
  CHECK_EQ(
      SendMessage(pair.ours.get(), {reinterpret_cast<const uint8_t*>("two"), 3}, Address(), {}, 0),
      3);
  uint8_t byte;
  Arrival arrival;
  CHECK_EQ(ReceiveMessage(pair.theirs.get(), &byte, 1, nullptr, 0, 0, &arrival), 1);
  CHECK_EQ(arrival.flags, 0);
  CHECK_EQ(ReceiveMessage(pair.theirs.get(), &byte, 1, nullptr, 0, 0, &arrival), 1);
  CHECK_EQ(arrival.flags, MSG_TRUNC);
  CHECK_EQ(ReceiveMessage(pair.theirs.get(), &byte, 1, nullptr, 0, 0, &arrival), -EAGAIN);
}

TEST(AMessageGoesToAnAddressAndSaysWhereItComesFrom) {
  Address to;
  const UniqueFd receiver(iomux::OpenSocket(AF_INET, SOCK_DGRAM, 0));
  const UniqueFd sender(iomux::OpenSocket(AF_INET, SOCK_DGRAM, 0));
  CHECK_EQ(iomux::ParseInternetAddress("127.0.0.1", 0, &to), 0);
  CHECK_EQ(iomux::Bind(receiver.get(), to), 0);
  CHECK_EQ(iomux::Bind(sender.get(), to), 0);
  CHECK_EQ(iomux::LocalAddress(receiver.get(), &to), 0);
  CHECK_EQ(SendMessage(sender.get(), {kByte, 1}, to, {}, 0), 1);
  AwaitArrival();
  Address from;
  CHECK_EQ(iomux::LocalAddress(sender.get(), &from), 0);
  uint8_t byte;
  Arrival arrival;
  CHECK_EQ(ReceiveMessage(receiver.get(), &byte, 1, nullptr, 0, 0, &arrival), 1);
  CHECK_EQ(arrival.from.length, from.length);
  CHECK_EQ(std::memcmp(&arrival.from.storage, &from.storage, from.length), 0);
}

TEST(APeerThatHasGoneIsAnErrorAndNoSignal) {
  Pair pair = UnixPair(SOCK_STREAM);
  pair.theirs.reset();
  CHECK_EQ(SendMessage(pair.ours.get(), {kByte, 1}, Address(), {}, 0), -EPIPE);
}

TEST(ThePeerOfAPairIsThisProcess) {
  const Pair pair = UnixPair(SOCK_STREAM);
  int32_t ids[3] = {-2, -2, -2};
  CHECK_EQ(iomux::PeerCredentials(pair.ours.get(), ids), 0);
  CHECK(ids[0] == getpid() || ids[0] == -1);
  CHECK_EQ(ids[1], static_cast<int32_t>(geteuid()));
  CHECK_EQ(ids[2], static_cast<int32_t>(getegid()));
}

TEST(ASocketOfAnotherFamilyHasNoCredentials) {
  const auto connection = iomux::test::ConnectOverLoopback();
  int32_t ids[3] = {-2, -2, -2};
  CHECK(iomux::PeerCredentials(connection.client.get(), ids) < 0);
}
