#include "native/sys/datagram.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "native/sys/socket.h"
#include "native/test/check.h"
#include "native/test/support.h"

// Linked with datagram_mmsg.cc, and a second time with datagram_loop.cc, or only with that on
// Darwin.

using iomux::Address;
using iomux::OutgoingDatagram;
using iomux::ReceivedDatagram;
using iomux::UniqueFd;
using iomux::test::AwaitArrival;

namespace {

constexpr size_t kSlot = 2048;

struct Pair {
  UniqueFd ours;  // connected to `theirs`
  UniqueFd theirs;
};

UniqueFd BindLoopback(int family) {
  UniqueFd fd(iomux::OpenSocket(family, SOCK_DGRAM, 0));
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_addr = in6addr_loopback;
  if (family == AF_INET) {
    CHECK_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&in), sizeof in), 0);
  } else {
    CHECK_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&in6), sizeof in6), 0);
  }
  return fd;
}

Pair OpenPair(int family) {
  Pair pair{BindLoopback(family), BindLoopback(family)};
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  getsockname(pair.theirs.get(), reinterpret_cast<sockaddr*>(&address), &length);
  CHECK_EQ(connect(pair.ours.get(), reinterpret_cast<sockaddr*>(&address), length), 0);
  return pair;
}

// Consecutive datagrams, without details.
struct Batch {
  std::string bytes;
  std::vector<OutgoingDatagram> records;

  void Add(const std::string& text) {
    OutgoingDatagram record{};
    record.offset = static_cast<int32_t>(bytes.size());
    record.length = static_cast<int32_t>(text.size());
    record.details.ttl = -1;
    record.details.tos = -1;
    records.push_back(record);
    bytes += text;
  }

  [[nodiscard]] int Send(int fd, int family, bool segment, size_t first = 0) const {
    const int sent = iomux::SendDatagrams(
        fd, reinterpret_cast<const uint8_t*>(bytes.data()), nullptr, records.data() + first,
        static_cast<int>(records.size() - first), family, segment);
    AwaitArrival();
    return sent;
  }
};

// The datagrams that one call receives; trains are divided.
struct Arrived {
  int result = 0;
  std::vector<std::string> texts;
  std::vector<ReceivedDatagram> records;
};

Arrived Receive(int fd, int count, size_t size = kSlot, bool control = true) {
  Arrived arrived;
  std::vector<uint8_t> into(static_cast<size_t>(count) * std::max<size_t>(size, 1));
  arrived.records.resize(static_cast<size_t>(count));
  arrived.result = iomux::ReceiveDatagrams(fd, into.data(), size, arrived.records.data(), count,
                                           control, nullptr, 0);
  int end = 0;
  for (int i = 0; i < arrived.result; ++i) {
    const ReceivedDatagram& record = arrived.records[static_cast<size_t>(i)];
    CHECK_EQ(record.offset, end);
    end += record.length;
    const int step = record.segment > 0 ? record.segment : std::max(record.length, 1);
    int at = 0;
    do {
      const int length = std::min(step, record.length - at);
      arrived.texts.emplace_back(reinterpret_cast<char*>(&into[0]) + record.offset + at,
                                 static_cast<size_t>(length));
      at += step;
    } while (at < record.length);
  }
  return arrived;
}

std::vector<std::string> ReceiveAll(int fd) {
  std::vector<std::string> all;
  for (;;) {
    const Arrived arrived = Receive(fd, 3, 70000);
    if (arrived.result < 0) {
      CHECK_EQ(arrived.result, -EAGAIN);
      return all;
    }
    all.insert(all.end(), arrived.texts.begin(), arrived.texts.end());
  }
}

std::vector<std::string> Texts(const std::vector<size_t>& sizes) {
  std::vector<std::string> texts;
  for (size_t i = 0; i < sizes.size(); ++i) {
    texts.emplace_back(sizes[i], static_cast<char>('a' + i % 26));
  }
  return texts;
}

}  // namespace

TEST(ReceivesABatchOneBehindTheOther) {
  const Pair pair = OpenPair(AF_INET);
  Batch batch;
  for (const char* text : {"first", "", "third"}) batch.Add(text);
  CHECK_EQ(batch.Send(pair.ours.get(), AF_INET, false), 3);
  const Arrived arrived = Receive(pair.theirs.get(), 8);
  CHECK_EQ(arrived.result, 3);
  CHECK(arrived.texts == std::vector<std::string>({"first", "", "third"}));
  CHECK_EQ(arrived.records[0].truncated, 0);
  CHECK_EQ(arrived.records[0].address_length, static_cast<int>(sizeof(sockaddr_in)));
  CHECK_EQ(Receive(pair.theirs.get(), 8).result, -EAGAIN);
}

TEST(ReceivesAtMostAsManyAsAreAskedFor) {
  const Pair pair = OpenPair(AF_INET);
  Batch batch;
  for (const char* text : {"a", "b", "c"}) batch.Add(text);
  CHECK_EQ(batch.Send(pair.ours.get(), AF_INET, false), 3);
  CHECK(Receive(pair.theirs.get(), 2).texts == std::vector<std::string>({"a", "b"}));
  CHECK(Receive(pair.theirs.get(), 2).texts == std::vector<std::string>({"c"}));
}

TEST(MarksWhatIsCutOff) {
  const Pair pair = OpenPair(AF_INET);
  Batch batch;
  for (const char* text : {"longer", "fits", "x"}) batch.Add(text);
  CHECK_EQ(batch.Send(pair.ours.get(), AF_INET, false), 3);
  const Arrived arrived = Receive(pair.theirs.get(), 3, 4);
  CHECK(arrived.texts == std::vector<std::string>({"long", "fits", "x"}));
  CHECK_EQ(arrived.records[0].truncated, 1);
  CHECK_EQ(arrived.records[1].truncated, 0);
}

TEST(StopsAtTheFirstThatFails) {
  const Pair pair = OpenPair(AF_INET);
  Batch batch;
  batch.Add("a");
  batch.Add(std::string(65508, 'x'));
  batch.Add("c");
  CHECK_EQ(batch.Send(pair.ours.get(), AF_INET, false), 1);
  CHECK_EQ(batch.Send(pair.ours.get(), AF_INET, false, 1), -EMSGSIZE);
  CHECK_EQ(batch.Send(pair.ours.get(), AF_INET, false, 2), 1);
  CHECK(ReceiveAll(pair.theirs.get()) == std::vector<std::string>({"a", "c"}));
}

TEST(SendsNoMoreThanOneCallMoves) {
  const Pair pair = OpenPair(AF_INET);
  Batch batch;
  for (int i = 0; i < iomux::kMostMessages + 1; ++i) batch.Add(std::to_string(i));
  CHECK_EQ(batch.Send(pair.ours.get(), AF_INET, false), iomux::kMostMessages);
  CHECK_EQ(ReceiveAll(pair.theirs.get()).size(), static_cast<size_t>(iomux::kMostMessages));
}

TEST(KeepsTrainsOfAnySizesApart) {
  const Pair pair = OpenPair(AF_INET);
  if (iomux::CheckSegments(pair.ours.get()) < 0) return;
  const bool received_whole = iomux::EnableTrains(pair.theirs.get()) == 0;
  const std::vector<std::string> texts =
      Texts({5, 5, 5, 3, 5, 0, 5, 5, 7, 7, 2, 2, 0, 0, 1, 9, 9, 9, 1, 20000, 20000, 20000, 20000});
  Batch batch;
  for (const std::string& text : texts) batch.Add(text);
  for (size_t first = 0; first < texts.size();) {
    const int sent = batch.Send(pair.ours.get(), AF_INET, true, first);
    CHECK(sent > 0);
    if (sent <= 0) return;
    first += static_cast<size_t>(sent);
  }
  CHECK(ReceiveAll(pair.theirs.get()) == texts);
  CHECK(received_whole);
}

TEST(SendsToTheAddressOfEach) {
  const Pair first = OpenPair(AF_INET);
  const Pair second = OpenPair(AF_INET);
  const UniqueFd sender = BindLoopback(AF_INET);
  sockaddr_in addresses[2];
  socklen_t length = sizeof addresses[0];
  getsockname(first.theirs.get(), reinterpret_cast<sockaddr*>(&addresses[0]), &length);
  getsockname(second.theirs.get(), reinterpret_cast<sockaddr*>(&addresses[1]), &length);
  Batch batch;
  for (const char* text : {"a", "b", "c"}) batch.Add(text);
  for (OutgoingDatagram& record : batch.records) record.address_length = sizeof(sockaddr_in);
  batch.records[1].address_offset = sizeof(sockaddr_in);
  CHECK_EQ(iomux::SendDatagrams(sender.get(), reinterpret_cast<const uint8_t*>(batch.bytes.data()),
                                reinterpret_cast<const uint8_t*>(addresses), batch.records.data(),
                                3, AF_INET, true),
           3);
  AwaitArrival();
  CHECK(ReceiveAll(first.theirs.get()) == std::vector<std::string>({"a", "c"}));
  CHECK(ReceiveAll(second.theirs.get()) == std::vector<std::string>({"b"}));
}

TEST(TellsWhereADatagramCameTo) {
  for (const int family : {AF_INET, AF_INET6}) {
    const Pair pair = OpenPair(family);
    CHECK_EQ(iomux::EnableDetails(pair.theirs.get(), family), 0);
    Batch batch;
    batch.Add("x");
    CHECK_EQ(batch.Send(pair.ours.get(), family, true), 1);
    const Arrived arrived = Receive(pair.theirs.get(), 1);
    CHECK_EQ(arrived.result, 1);
    const iomux::DatagramDetails& details = arrived.records[0].details;
    CHECK(details.ttl > 0);
    CHECK_EQ(details.tos, 0);
    CHECK(details.interface_index > 0);
    CHECK_EQ(details.address_length, family == AF_INET ? 4 : 16);
    CHECK_EQ(details.address[details.address_length - 1], 1);
  }
}

TEST(ADatagramMayHaveATtlOrATosOfItsOwnAndWhatTheSystemWouldIgnoreIsRefused) {
#ifdef __linux__
  constexpr bool kTakesTtl = true;
#else
  constexpr bool kTakesTtl = false;
#endif
#ifdef __APPLE__
  constexpr bool kTakesTos = false;
#else
  constexpr bool kTakesTos = true;
#endif
  struct Setting {
    int ttl;
    int tos;
    bool taken;  // over IPv4
  };
  for (const int family : {AF_INET, AF_INET6}) {
    for (const Setting& setting : {Setting{7, -1, kTakesTtl}, Setting{-1, 0x15, kTakesTos}}) {
      const Pair pair = OpenPair(family);
      CHECK_EQ(iomux::EnableDetails(pair.theirs.get(), family), 0);
      Batch batch;
      batch.Add("x");
      batch.records[0].details.ttl = setting.ttl;
      batch.records[0].details.tos = setting.tos;
      const bool taken = family == AF_INET6 || setting.taken;
      CHECK_EQ(batch.Send(pair.ours.get(), family, true), taken ? 1 : -ENOTSUP);
      if (!taken) continue;
      const Arrived arrived = Receive(pair.theirs.get(), 1);
      CHECK_EQ(arrived.result, 1);
      const iomux::DatagramDetails& details = arrived.records[0].details;
      CHECK(setting.ttl < 0 || details.ttl == setting.ttl);
      CHECK(setting.tos < 0 || details.tos == setting.tos);
    }
  }
}

TEST(TellsNothingUnlessItIsAskedFor) {
  const Pair pair = OpenPair(AF_INET);
  CHECK_EQ(iomux::EnableDetails(pair.theirs.get(), AF_INET), 0);
  Batch batch;
  batch.Add("x");
  CHECK_EQ(batch.Send(pair.ours.get(), AF_INET, false), 1);
  const Arrived arrived = Receive(pair.theirs.get(), 1, kSlot, false);
  CHECK_EQ(arrived.records[0].details.ttl, -1);
  CHECK_EQ(arrived.records[0].details.address_length, 0);
}

TEST(AnswersWithTheRefusalOfThePeer) {
  Pair pair = OpenPair(AF_INET);
  pair.theirs = UniqueFd();
  const uint8_t byte = 'x';
  const auto send = [&] { return iomux::SendTo(pair.ours.get(), &byte, 1, nullptr, 0); };
  CHECK_EQ(send(), 0);
  AwaitArrival();
  CHECK_EQ(send(), -ECONNREFUSED);
  CHECK_EQ(send(), 0);
  AwaitArrival();
  CHECK_EQ(Receive(pair.ours.get(), 4).result, -ECONNREFUSED);
  CHECK_EQ(Receive(pair.ours.get(), 4).result, -EAGAIN);
}

TEST(KnowsInterfacesByTheirNames) {
  char name[IF_NAMESIZE] = "";
  CHECK(if_indextoname(1, name) != nullptr);
  CHECK_EQ(iomux::InterfaceIndex(name), 1);
  CHECK_EQ(iomux::InterfaceIndex("no such"), -ENODEV);
  CHECK_EQ(iomux::InterfaceIndex(name + std::string(1, '\0') + "0"), -EINVAL);
}
