#include "native/binding/delivery.h"

#include <algorithm>

namespace iomux {

Delivery::Delivery(Napi::Env env, int fd, Napi::Value events) : env_(env), fd_(fd) {
  if (events.IsTypedArray()) {
    auto numbers = events.As<Napi::Int32Array>();
    header_ = numbers.Data();
    batch_ = reinterpret_cast<Event*>(header_ + kHeaderLength);
    capacity_ =
        std::min<int>(kMaxEvents, (static_cast<int>(numbers.ElementLength()) - kHeaderLength) / 3);
    events_ = Napi::Persistent(numbers.As<Napi::Object>());
  }
  resource_ = Napi::Persistent(Napi::Object::New(env));
  napi_async_init(env, resource_.Value(), Napi::String::New(env, "IOMUX"), &context_);
}

Delivery::~Delivery() {
  if (context_ != nullptr) napi_async_destroy(env_, context_);
}

void Delivery::Start(Napi::Function callback) { callback_ = Napi::Persistent(callback); }

int Delivery::Collect() { return harvests() ? Harvest(fd_, batch_, capacity_) : 0; }

void Delivery::Enter(int count) {
  napi_value argument = nullptr;
  napi_value result = nullptr;
  napi_create_int32(env_, count, &argument);
  const napi_status status = napi_make_callback(env_, context_, resource_.Value(),
                                                callback_.Value(), 1, &argument, &result);
  if (status != napi_pending_exception) return;
  // The callbacks of lib/ do not throw. Either a Worker is being terminated, and there is no
  // exception object, or the stack has overflowed, which Node reports like any other uncaught
  // exception.
  napi_value exception = nullptr;
  napi_get_and_clear_last_exception(env_, &exception);
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, exception, &type);
  if (type == napi_object) napi_fatal_exception(env_, exception);
}

}  // namespace iomux
