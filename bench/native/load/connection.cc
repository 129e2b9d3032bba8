#include "load/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace bench {
namespace {

constexpr size_t kBufferSize = 64 * 1024;

}  // namespace

Traffic::Traffic(size_t message_size, int depth)
    : message_size(message_size),
      depth(static_cast<size_t>(depth)),
      pattern(kBufferSize),
      buffer(kBufferSize) {}

Connection::Connection(UniqueFd fd, uint64_t start, Traffic* traffic)
    : fd_(std::move(fd)), traffic_(traffic), start_(start) {}

const char* Connection::Start() {
  Allow(traffic_->depth, Clock::now());
  return Send();
}

const char* Connection::Post(Time due) {
  Allow(1, due);
  return Send();
}

const char* Connection::OnReady() {
  if (const char* failure = Receive()) return failure;
  return Send();
}

const char* Connection::Receive() {
  for (;;) {
    const ssize_t length = recv(fd_.get(), traffic_->buffer.data(), traffic_->buffer.size(), 0);
    if (length < 0) {
      if (errno == EAGAIN) return nullptr;
      return std::strerror(errno);
    }
    if (length == 0) return "the server closed the connection";
    if (const char* failure = Accept(static_cast<size_t>(length))) return failure;
    // A short read has drained the socket: asking again would only cost the EAGAIN.
    if (static_cast<size_t>(length) < traffic_->buffer.size()) return nullptr;
  }
}

const char* Connection::Accept(size_t length) {
  if (received_ + length > sent_) return "the server sent more than it got";
  if (!traffic_->pattern.Matches(start_ + received_, traffic_->buffer.data(), length)) {
    return "the server sent back other bytes than it got";
  }
  received_ += length;
  traffic_->bytes_verified += length;

  const uint64_t complete = received_ / traffic_->message_size - answered_;
  if (complete == 0) return nullptr;
  const Time now = Clock::now();
  for (uint64_t i = 0; i < complete; ++i) {
    const Time due = due_.front();
    due_.pop_front();
    if (due < traffic_->counted_since) continue;
    const auto latency = std::chrono::duration_cast<std::chrono::nanoseconds>(now - due);
    traffic_->latencies.Record(static_cast<uint64_t>(latency.count()));
  }
  answered_ += complete;
  traffic_->messages += complete;
  if (traffic_->goes_on) Allow(complete, now);
  return nullptr;
}

void Connection::Allow(uint64_t messages, Time due) {
  due_.insert(due_.end(), messages, due);
  allowed_ += messages * traffic_->message_size;
}

const char* Connection::Send() {
  while (sent_ < allowed_) {
    const size_t length = std::min<uint64_t>(allowed_ - sent_, kBufferSize);
    const ssize_t sent =
        send(fd_.get(), traffic_->pattern.At(start_ + sent_), length, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN) return nullptr;
      return std::strerror(errno);
    }
    sent_ += static_cast<size_t>(sent);
  }
  return nullptr;
}

}  // namespace bench
