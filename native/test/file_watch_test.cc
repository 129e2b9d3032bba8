#include "native/sys/file_watch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "native/sys/io.h"
#include "native/sys/unique_fd.h"
#include "native/test/check.h"
#include "native/test/support.h"

using iomux::AddFileWatch;
using iomux::FileChange;
using iomux::kFileChangeBits;
using iomux::kFileWatchIsDescriptor;
using iomux::OpenFileQueue;
using iomux::RemoveFileWatch;
using iomux::TakeFileChanges;
using iomux::UniqueFd;
using iomux::test::IsCloseOnExec;
using iomux::test::IsReadable;

namespace {

// A file in a folder of its own, which is deleted afterwards.
class File {
 public:
  File() {
    CHECK(mkdtemp(folder_) != nullptr);
    path_ = std::string(folder_) + "/file";
    fd_.reset(open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
    CHECK(fd_.valid());
  }
  ~File() {
    unlink(path_.c_str());
    rmdir(folder_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] const char* path() const { return path_.c_str(); }
  [[nodiscard]] const char* folder() const { return folder_; }
  void Write() const { CHECK_EQ(write(fd_.get(), "x", 1), 1); }

 private:
  char folder_[32] = "/tmp/iomux-test-XXXXXX";
  std::string path_;
  UniqueFd fd_;
};

// The changes of the watch among those that can be taken now.
uint32_t Changes(int queue, int watch) {
  alignas(FileChange) uint8_t bytes[4096];
  uint32_t changes = 0;
  for (;;) {
    const int length = TakeFileChanges(queue, bytes, sizeof bytes);
    if (length < 0) {
      CHECK_EQ(length, -EAGAIN);
      return changes;
    }
    for (int at = 0; at < length;) {
      FileChange change;
      std::memcpy(&change, bytes + at, sizeof change);
      if (change.watch == watch) changes |= change.changes;
      at += static_cast<int>(sizeof change + change.name_length);
    }
  }
}

}  // namespace

TEST(AQueueIsSilentAndCloseOnExec) {
  const UniqueFd queue(OpenFileQueue());
  CHECK(IsCloseOnExec(queue.get()));
  CHECK(!IsReadable(queue.get()));
  CHECK_EQ(Changes(queue.get(), 0), 0U);
}

TEST(IsReadableFromTheChangeUntilItIsTaken) {
  const File file;
  const UniqueFd queue(OpenFileQueue());
  const int watch = AddFileWatch(queue.get(), file.path());
  CHECK(watch >= 0);
  const UniqueFd owner(kFileWatchIsDescriptor ? watch : -1);
  file.Write();
  CHECK(IsReadable(queue.get()));
  CHECK((Changes(queue.get(), watch) & kFileChangeBits.written) != 0);
  CHECK(!IsReadable(queue.get()));
}

TEST(TellsModesAndNames) {
  const File file;
  const UniqueFd queue(OpenFileQueue());
  const int watch = AddFileWatch(queue.get(), file.path());
  const UniqueFd owner(kFileWatchIsDescriptor ? watch : -1);
  CHECK_EQ(chmod(file.path(), 0644), 0);
  CHECK((Changes(queue.get(), watch) & kFileChangeBits.attributes) != 0);
  const std::string other = std::string(file.path()) + "2";
  CHECK_EQ(rename(file.path(), other.c_str()), 0);
  CHECK((Changes(queue.get(), watch) & kFileChangeBits.self_moved) != 0);
  CHECK_EQ(unlink(other.c_str()), 0);
}

TEST(WhatIsRemovedIsNotToldOf) {
  const File file;
  const UniqueFd queue(OpenFileQueue());
  const int watch = AddFileWatch(queue.get(), file.path());
  CHECK_EQ(RemoveFileWatch(queue.get(), watch), 0);
  if (kFileWatchIsDescriptor) close(watch);
  file.Write();
  CHECK((Changes(queue.get(), watch) & kFileChangeBits.written) == 0);
}

TEST(AnswersWhatTheSystemDoes) {
  const File file;
  const UniqueFd queue(OpenFileQueue());
  CHECK_EQ(AddFileWatch(queue.get(), "/nowhere/at/all"), -ENOENT);
  CHECK_EQ(AddFileWatch(queue.get(), (std::string(file.path()) + "/below").c_str()), -ENOTDIR);
  uint8_t bytes[64];
  CHECK_EQ(TakeFileChanges(-1, bytes, sizeof bytes), -EBADF);
}
