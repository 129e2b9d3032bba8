#include "native/sys/transfer.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "native/sys/io.h"
#include "native/sys/socket.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::kMostPieces;
using iomux::Read;
using iomux::SendFile;
using iomux::SendMany;
using iomux::UniqueFd;
using iomux::WriteMany;
using iomux::test::Connection;
using iomux::test::ConnectOverLoopback;
using iomux::test::Ends;
using iomux::test::OpenPipe;

namespace {

iovec Piece(const char* text) { return {const_cast<char*>(text), std::strlen(text)}; }

// A file without a name that holds the text.
UniqueFd FileWith(const char* text) {
  char name[] = "/tmp/iomux-XXXXXX";
  UniqueFd file(mkstemp(name));
  CHECK_EQ(unlink(name), 0);
  CHECK_EQ(write(file.get(), text, std::strlen(text)), static_cast<ssize_t>(std::strlen(text)));
  return file;
}

// The bytes of one read.
std::string TextFrom(int fd) {
  char text[256];
  const ssize_t count = read(fd, text, sizeof text);
  return count < 0 ? "" : std::string(text, static_cast<size_t>(count));
}

void MakeNonBlocking(const Connection& connection) {
  CHECK_EQ(iomux::SetNonBlocking(connection.client.get(), true), 0);
  CHECK_EQ(iomux::SetNonBlocking(connection.server.get(), true), 0);
}

}  // namespace

TEST(ManyPiecesLeaveInOneCall) {
  const Connection connection = ConnectOverLoopback();
  const Ends pipe = OpenPipe();
  const iovec pieces[] = {Piece("one "), Piece(""), Piece("two "), Piece("three")};
  CHECK_EQ(SendMany(connection.client.get(), pieces, 4), 13);
  CHECK_EQ(TextFrom(connection.server.get()), "one two three");
  CHECK_EQ(WriteMany(pipe.writer.get(), pieces, 4), 13);
  CHECK_EQ(TextFrom(pipe.reader.get()), "one two three");
}

TEST(MorePiecesThanTheKernelTakesAreThoseItTakes) {
  const Ends pipe = OpenPipe();
  const std::vector<iovec> pieces(kMostPieces + 10, Piece("x"));
  CHECK_EQ(WriteMany(pipe.writer.get(), pieces.data(), kMostPieces + 10), kMostPieces);
}

TEST(ManyPiecesAnswerEagainWhenNoneIsTaken) {
  const Ends pipe = OpenPipe();
  const std::vector<char> bytes(65536);
  const iovec piece = {const_cast<char*>(bytes.data()), bytes.size()};
  while (WriteMany(pipe.writer.get(), &piece, 1) > 0) continue;
  CHECK_EQ(WriteMany(pipe.writer.get(), &piece, 1), -EAGAIN);
}

TEST(SendManyToAPeerThatHasGoneIsEpipeAndNoSignal) {
  Connection connection = ConnectOverLoopback();
  CHECK_EQ(iomux::Shutdown(connection.client.get(), SHUT_WR), 0);
  const iovec piece = Piece("x");
  // The default action ends the process.
  CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
  CHECK_EQ(SendMany(connection.client.get(), &piece, 1), -EPIPE);
}

TEST(SendFileSendsAPartAndLeavesThePosition) {
  const Connection connection = ConnectOverLoopback();
  const UniqueFd file = FileWith("a file with some text");
  CHECK_EQ(lseek(file.get(), 3, SEEK_SET), 3);
  CHECK_EQ(SendFile(connection.client.get(), file.get(), 2, 4), 4);
  CHECK_EQ(TextFrom(connection.server.get()), "file");
  CHECK_EQ(SendFile(connection.client.get(), file.get(), 17, 1000), 4);
  CHECK_EQ(TextFrom(connection.server.get()), "text");
  CHECK_EQ(lseek(file.get(), 0, SEEK_CUR), 3);
}

TEST(SendFileAnswersZeroAtTheEndAndBeyond) {
  const Connection connection = ConnectOverLoopback();
  const UniqueFd file = FileWith("text");
  CHECK_EQ(SendFile(connection.client.get(), file.get(), 4, 10), 0);
  CHECK_EQ(SendFile(connection.client.get(), file.get(), 400, 10), 0);
}

TEST(SendFileAnswersEagainWhenTheSocketIsFull) {
  const Connection connection = ConnectOverLoopback();
  MakeNonBlocking(connection);
  const UniqueFd file = FileWith("");
  CHECK_EQ(ftruncate(file.get(), 64 << 20), 0);
  int64_t offset = 0;
  int result = 0;
  while ((result = SendFile(connection.client.get(), file.get(), offset, 1 << 20)) > 0) {
    offset += result;
  }
  CHECK_EQ(result, -EAGAIN);
  CHECK(offset > 0);
  // All bytes that were counted were sent.
  CHECK_EQ(iomux::Shutdown(connection.client.get(), SHUT_WR), 0);
  std::vector<uint8_t> into(1 << 20);
  int64_t received = 0;
  for (;;) {
    const int count = Read(connection.server.get(), into.data(), into.size());
    if (count == -EAGAIN) continue;
    if (count == 0) break;
    CHECK(count > 0);
    received += count;
  }
  CHECK_EQ(received, offset);
}

TEST(SendFileRefusesAPipe) {
  const Connection connection = ConnectOverLoopback();
  const Ends pipe = OpenPipe();
  const int result = SendFile(connection.client.get(), pipe.reader.get(), 0, 10);
  // Linux, Darwin, FreeBSD
  CHECK(result == -ESPIPE || result == -ENOTSUP || result == -EINVAL);
}

TEST(WhatIsNotOpenIsEbadfForEveryCall) {
  const UniqueFd file = FileWith("text");
  const iovec piece = Piece("x");
  CHECK_EQ(SendMany(-1, &piece, 1), -EBADF);
  CHECK_EQ(WriteMany(-1, &piece, 1), -EBADF);
  CHECK_EQ(SendFile(-1, file.get(), 0, 1), -EBADF);
}

#ifdef __linux__

TEST(SpliceMovesWhatIsThereFromASocketToAnother) {
  const Connection from = ConnectOverLoopback();
  const Connection to = ConnectOverLoopback();
  MakeNonBlocking(from);
  MakeNonBlocking(to);
  const Ends pipe = OpenPipe();
  CHECK_EQ(iomux::Splice(from.server.get(), pipe.writer.get(), 1000), -EAGAIN);
  CHECK_EQ(write(from.client.get(), "text", 4), 4);
  CHECK_EQ(iomux::Splice(from.server.get(), pipe.writer.get(), 1000), 4);
  CHECK_EQ(iomux::Splice(pipe.reader.get(), to.client.get(), 4), 4);
  CHECK_EQ(TextFrom(to.server.get()), "text");
  CHECK_EQ(iomux::Shutdown(from.client.get(), SHUT_WR), 0);
  CHECK_EQ(iomux::Splice(from.server.get(), pipe.writer.get(), 1000), 0);
}

TEST(SpliceNeedsAPipe) {
  const Connection one = ConnectOverLoopback();
  const Connection other = ConnectOverLoopback();
  CHECK_EQ(iomux::Splice(one.server.get(), other.client.get(), 1000), -EINVAL);
}

TEST(ResizePipeAnswersWithTheRoomThereIs) {
  const Ends pipe = OpenPipe();
  CHECK_EQ(iomux::ResizePipe(pipe.writer.get(), 131072), 131072);
  CHECK_EQ(iomux::ResizePipe(-1, 131072), -EBADF);
}

#else

TEST(ThereIsNoSplice) {
  const Ends pipe = OpenPipe();
  CHECK_EQ(iomux::Splice(pipe.reader.get(), pipe.writer.get(), 1), -ENOSYS);
}

#endif  // __linux__
