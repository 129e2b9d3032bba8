#ifndef IOMUX_NATIVE_SYS_SIGNAL_LISTENER_H_
#define IOMUX_NATIVE_SYS_SIGNAL_LISTENER_H_

#include <cstddef>
#include <cstdint>

#include "native/sys/dispositions.h"
#include "native/sys/signal_record.h"
#include "native/sys/unique_fd.h"

namespace iomux {

struct SignalEntry;

// Hears of signals, whichever thread they interrupt: the handler writes a record of each into the
// pipe of everybody who listens. signalfd(2) sees only what every thread blocks, and Node's threads
// exist before us; EVFILT_SIGNAL of kqueue does not tell who sent it. So it is a handler
// everywhere.
//
// When the pipe is full, what comes is counted, by its number, and told as one record of that
// number, without a sender: no number is lost as a whole.
class SignalListener {
 public:
  SignalListener() = default;
  ~SignalListener() { Close(); }
  SignalListener(const SignalListener&) = delete;
  SignalListener& operator=(const SignalListener&) = delete;

  // Once. The keeper, which may be null, must outlive the listener. The descriptor, or a negated
  // errno.
  [[nodiscard]] int Open(const int32_t* numbers, size_t count, SignalKeeper* keeper);
  // Whoever wrote into the pipe has finished when it returns.
  void Close();
  // Somebody else has closed the descriptor that Open has answered with.
  void LoseReader() { static_cast<void>(reader_.release()); }

  // What has come: how many records, or a negated errno. `capacity` must be above kSignals.
  [[nodiscard]] int Take(SignalRecord* into, int capacity);

 private:
  UniqueFd reader_;
  UniqueFd writer_;
  SignalEntry* entry_ = nullptr;
  SignalKeeper* keeper_ = nullptr;
};

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_SIGNAL_LISTENER_H_
