#include "native/sys/signal_listener.h"

#include <sched.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/monitor.h"

namespace iomux {

// A listener as the handler sees it. Entries are reused and never freed, because a handler may be
// looking at any of them at any time, in any thread.
struct SignalEntry {
  SignalEntry* next = nullptr;
  std::atomic<int> pipe{-1};      // the end to write to; -1 while the entry is free
  std::atomic<int> writers{0};    // handlers that may be about to write
  std::atomic<pid_t> process{0};  // the one that has opened the listener
  std::atomic<bool> wanted[kSignals] = {};
  std::atomic<bool> overflowed{false};          // `missed` has counts
  std::atomic<uint32_t> missed[kSignals] = {};  // signals for which the pipe had no room
};

namespace {

Monitor monitor;                                 // held while a listener opens or closes
std::atomic<SignalEntry*> first_entry{nullptr};  // the list only grows, at its beginning

SignalEntry* FreeEntry() {
  SignalEntry* first = first_entry;
  for (auto* entry = first; entry != nullptr; entry = entry->next) {
    if (entry->pipe < 0) return entry;
  }
  auto* entry = new SignalEntry();
  entry->next = first;
  first_entry = entry;
  return entry;
}

// The following functions run in the handler. They use only atomics and system calls that are
// async-signal-safe.

void Report(SignalEntry& entry, const SignalRecord& record) {
  const int pipe = entry.pipe;
  // A forked process shares the pipe with its parent, and must not write to it.
  if (pipe < 0 || !entry.wanted[record.number] || entry.process != getpid()) return;
  const auto* bytes = reinterpret_cast<const uint8_t*>(&record);
  if (Write(pipe, bytes, sizeof record) >= 0) return;
  ++entry.missed[record.number];
  entry.overflowed = true;
  // If the pipe was emptied before `overflowed` was set, the reader waits and has to be woken.
  const SignalRecord wake{};
  static_cast<void>(Write(pipe, reinterpret_cast<const uint8_t*>(&wake), sizeof wake));
}

void OnSignal(int number, siginfo_t* info, void* context) {
  const int saved = errno;
  int place;
  if (EnterChain(info, &place)) {
    const int32_t known = KnownOf(*info);
    const bool sender = (known & kSenderKnown) != 0;
    const bool value = (known & kValueKnown) != 0;
    const SignalRecord record{number,
                              1,
                              known,
                              sender ? static_cast<int32_t>(info->si_pid) : 0,
                              sender ? static_cast<int32_t>(info->si_uid) : 0,
                              value ? info->si_value.sival_int : 0};
    for (SignalEntry* entry = first_entry; entry != nullptr; entry = entry->next) {
      ++entry->writers;
      Report(*entry, record);
      --entry->writers;
    }
    if (place >= 0) CallOthers(number, info, context);
    LeaveChain(place);
  }
  errno = saved;
}

}  // namespace

int SignalListener::Open(const int32_t* numbers, size_t count, SignalKeeper* keeper) {
  int ends[2];
  const int piped = Pipe(ends);
  if (piped < 0) return piped;
  UniqueFd reader(ends[0]);
  writer_.reset(ends[1]);
  keeper_ = keeper;
  int result = 0;
  {
    const Inside inside(monitor);
    entry_ = FreeEntry();
    entry_->process = getpid();
    entry_->overflowed = false;
    entry_->pipe = writer_.get();
    for (size_t i = 0; i < count && result == 0; ++i) {
      // Set first, so that no signal is lost in between.
      entry_->wanted[numbers[i]] = true;
      result = HoldSignal(numbers[i], OnSignal, keeper);
      if (result < 0) entry_->wanted[numbers[i]] = false;
    }
  }
  if (result < 0) {
    Close();
    return result;
  }
  return reader_ = reader.release();
}

void SignalListener::Close() {
  if (entry_ != nullptr) {
    const Inside inside(monitor);
    entry_->pipe = -1;
    for (int number = 1; number < kSignals; ++number) {
      if (entry_->wanted[number].exchange(false)) ReleaseSignal(number, keeper_);
    }
    // A handler counts itself in `writers` before it reads `pipe`, so once there are none, nobody
    // writes any more. In a forked process the count may include threads of the parent.
    while (entry_->writers > 0 && entry_->process == getpid()) sched_yield();
    for (auto& missed : entry_->missed) missed = 0;
    entry_ = nullptr;
  }
  writer_.reset();
  reader_ = -1;
}

int SignalListener::Take(SignalRecord* into, int capacity) {
  const size_t room = static_cast<size_t>(capacity - kSignals) * sizeof *into;
  const int bytes = Read(reader_, reinterpret_cast<uint8_t*>(into), room);
  if (bytes < 0 && bytes != -EAGAIN) return bytes;
  // Records are read whole, because they were written whole (pipe(7): up to PIPE_BUF bytes).
  const int read = bytes < 0 ? 0 : bytes / static_cast<int>(sizeof *into);
  int count = 0;
  for (int i = 0; i < read; ++i) {
    if (into[i].number != 0) into[count++] = into[i];
  }
  // Not only once the pipe is empty, which it may never be.
  if (entry_ != nullptr && entry_->overflowed.exchange(false)) {
    for (int number = 1; number < kSignals; ++number) {
      const uint32_t missed = entry_->missed[number].exchange(0);
      if (missed > 0) into[count++] = {number, static_cast<int32_t>(missed), 0, 0, 0, 0};
    }
  }
  return count > 0 ? count : -EAGAIN;
}

}  // namespace iomux
