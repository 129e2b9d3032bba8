#include "native/sys/signal_listener.h"

#include <sched.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>

#include "native/sys/errno.h"
#include "native/sys/io.h"
#include "native/sys/monitor.h"

namespace iomux {

// A listener as the handler sees it. Entries are used again, and never freed: a handler may be
// looking at one of them at any time, in any thread.
struct SignalEntry {
  SignalEntry* next = nullptr;
  std::atomic<int> pipe{-1};    // the end to write to; -1 for none
  std::atomic<int> writers{0};  // handlers that may be about to write
  std::atomic<pid_t> process{0};
  std::atomic<bool> wanted[kSignals] = {};
  std::atomic<bool> full{false};
  std::atomic<uint32_t> missed[kSignals] = {};
};

namespace {

Monitor changes;                                 // whoever opens or closes is inside
std::atomic<SignalEntry*> first_entry{nullptr};  // only ever grows, at its beginning

SignalEntry* NewEntry() {
  SignalEntry* first = first_entry;
  for (auto* entry = first; entry != nullptr; entry = entry->next) {
    if (entry->pipe < 0) return entry;
  }
  auto* entry = new SignalEntry();
  entry->next = first;
  first_entry = entry;
  return entry;
}

// These run inside the handler: system calls that are async-signal-safe, and atomics.

void Tell(SignalEntry& entry, const SignalRecord& record) {
  const int pipe = entry.pipe;
  // The pipe of a process that was forked is the other one's too.
  if (pipe < 0 || !entry.wanted[record.number] || entry.process != getpid()) return;
  const auto* bytes = reinterpret_cast<const uint8_t*>(&record);
  if (Write(pipe, bytes, sizeof record) >= 0) return;
  ++entry.missed[record.number];
  entry.full = true;
  // If the pipe was emptied meanwhile, somebody may be waiting who has not seen the number.
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
      Tell(*entry, record);
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
  reader_.reset(ends[0]);
  writer_.reset(ends[1]);
  keeper_ = keeper;
  int result = 0;
  {
    const Inside inside(changes);
    entry_ = NewEntry();
    entry_->process = getpid();
    entry_->full = false;
    entry_->pipe = writer_.get();
    for (size_t i = 0; i < count && result == 0; ++i) {
      // Wanted before it is held: it must not get lost in between.
      entry_->wanted[numbers[i]] = true;
      result = HoldSignal(numbers[i], OnSignal, keeper);
      if (result < 0) entry_->wanted[numbers[i]] = false;
    }
  }
  if (result < 0) Close();
  return result < 0 ? result : reader_.get();
}

void SignalListener::Close() {
  if (entry_ != nullptr) {
    const Inside inside(changes);
    entry_->pipe = -1;
    for (int number = 1; number < kSignals; ++number) {
      if (entry_->wanted[number].exchange(false)) ReleaseSignal(number, keeper_);
    }
    // A writer that sees the end of the pipe has said so before. In a process that was forked, it
    // is somebody of the other one, who will never finish.
    while (entry_->writers > 0 && entry_->process == getpid()) sched_yield();
    for (auto& missed : entry_->missed) missed = 0;
    entry_ = nullptr;
  }
  writer_.reset();
  reader_.reset();
}

int SignalListener::Take(SignalRecord* into, int capacity) {
  const size_t room = static_cast<size_t>(capacity - kSignals) * sizeof *into;
  const int bytes = Read(reader_.get(), reinterpret_cast<uint8_t*>(into), room);
  if (bytes < 0 && bytes != -EAGAIN) return bytes;
  // Each was written as a whole (pipe(7): up to PIPE_BUF).
  const int read = bytes < 0 ? 0 : bytes / static_cast<int>(sizeof *into);
  int count = 0;
  for (int i = 0; i < read; ++i) {
    if (into[i].number != 0) into[count++] = into[i];
  }
  // Also while there is more in the pipe, which may be so for ever.
  if (entry_ != nullptr && entry_->full.exchange(false)) {
    for (int number = 1; number < kSignals; ++number) {
      const uint32_t missed = entry_->missed[number].exchange(0);
      if (missed > 0) into[count++] = {number, static_cast<int32_t>(missed), 0, 0, 0, 0};
    }
  }
  return count > 0 ? count : -EAGAIN;
}

}  // namespace iomux
