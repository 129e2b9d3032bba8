#ifndef IOMUX_NATIVE_SYS_SIGNAL_LISTENER_H_
#define IOMUX_NATIVE_SYS_SIGNAL_LISTENER_H_

#include <cstddef>
#include <cstdint>

#include "native/sys/dispositions.h"
#include "native/sys/signal_record.h"
#include "native/sys/unique_fd.h"

namespace iomux {

struct SignalEntry;

// Receives signals, whichever thread of the process they interrupt: a handler writes a record of
// each one into the pipe of every listener. signalfd(2) only sees signals that every thread blocks,
// and Node's threads exist before us; EVFILT_SIGNAL of kqueue does not report the sender. So it is
// a handler on every system.
//
// While a pipe is full, further signals are counted by number, and reported as one record for each
// number, without a sender: counts are exact, and no number is lost.
class SignalListener {
 public:
  SignalListener() = default;
  ~SignalListener() { Close(); }
  SignalListener(const SignalListener&) = delete;
  SignalListener& operator=(const SignalListener&) = delete;

  // The descriptor to wait on, or a negated errno. It belongs to the caller, who closes it after
  // the listener. May be called once. The keeper, which may be null, must outlive the listener.
  [[nodiscard]] int Open(const int32_t* numbers, size_t count, SignalKeeper* keeper);
  // When it returns, no handler writes into the pipe any more.
  void Close();

  // Fills in records of the signals that have arrived: how many, or a negated errno. -EAGAIN if
  // there are none. `capacity` must be greater than kSignals.
  [[nodiscard]] int Take(SignalRecord* into, int capacity);

 private:
  int reader_ = -1;
  UniqueFd writer_;
  SignalEntry* entry_ = nullptr;
  SignalKeeper* keeper_ = nullptr;
};

}  // namespace iomux

#endif  // IOMUX_NATIVE_SYS_SIGNAL_LISTENER_H_
