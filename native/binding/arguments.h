#ifndef IOMUX_NATIVE_BINDING_ARGUMENTS_H_
#define IOMUX_NATIVE_BINDING_ARGUMENTS_H_

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "native/sys/address.h"

namespace iomux {

// The arguments of a call from lib/, which has checked them: here, a value of another type is read
// as 0. Plain Node-API, because these calls are the hot path, and would spend their time on a
// wrapper object for each value.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMost;
    napi_get_cb_info(env, info, &count, values_, nullptr, nullptr);
  }

  [[nodiscard]] int32_t Int(size_t index) const {
    int32_t value = 0;
    napi_get_value_int32(env_, values_[index], &value);
    return value;
  }

  [[nodiscard]] uint32_t Unsigned(size_t index) const {
    uint32_t value = 0;
    napi_get_value_uint32(env_, values_[index], &value);
    return value;
  }

  [[nodiscard]] double Double(size_t index) const {
    double value = 0;
    napi_get_value_double(env_, values_[index], &value);
    return value;
  }

  // A number of bytes, which may be 2^32 and more.
  [[nodiscard]] size_t Size(size_t index) const {
    int64_t value = 0;
    napi_get_value_int64(env_, values_[index], &value);
    return static_cast<size_t>(value);
  }

  [[nodiscard]] bool Bool(size_t index) const {
    bool value = false;
    napi_get_value_bool(env_, values_[index], &value);
    return value;
  }

  [[nodiscard]] std::string String(size_t index) const {
    size_t length = 0;
    napi_get_value_string_utf8(env_, values_[index], nullptr, 0, &length);
    std::string text(length, '\0');
    napi_get_value_string_utf8(env_, values_[index], text.data(), length + 1, &length);
    return text;
  }

  // The elements of a typed array, in place; `length` counts elements. Valid until the call returns
  // to JavaScript.
  template <typename Element>
  struct Span {
    Element* data = nullptr;
    size_t length = 0;
  };
  template <typename Element>
  [[nodiscard]] Span<Element> Array(size_t index) const {
    void* data = nullptr;
    size_t length = 0;
    napi_get_typedarray_info(env_, values_[index], nullptr, &length, &data, nullptr, nullptr);
    return {static_cast<Element*>(data), length};
  }

  [[nodiscard]] napi_value Value(size_t index) const { return values_[index]; }

  // Calls the function with all arguments, each read as its parameter's type. A pointer parameter
  // gets the memory of a typed array, and a size_t after it the number of its elements, which is 0
  // for a buffer that was transferred.
  template <typename Result, typename... Parameters>
  [[nodiscard]] Result PassTo(Result (*function)(Parameters...)) const {
    [[maybe_unused]] Reader reader{*this};
    // Braces: they are read in this order.
    const std::tuple<std::decay_t<Parameters>...> values{
        reader.Next<std::decay_t<Parameters>>()...};
    return std::apply(function, values);
  }

  [[nodiscard]] napi_value Number(int32_t value) const {
    napi_value result = nullptr;
    napi_create_int32(env_, value, &result);
    return result;
  }

  // Exact below 2^53.
  [[nodiscard]] napi_value Number(int64_t value) const {
    napi_value result = nullptr;
    napi_create_int64(env_, value, &result);
    return result;
  }

 private:
  struct Reader {
    const Arguments& arguments;
    size_t index = 0;
    size_t length = 0;
    bool is_after_array = false;

    template <typename Parameter>
    Parameter Next() {
      const bool has_length = std::exchange(is_after_array, std::is_pointer_v<Parameter>);
      if constexpr (std::is_pointer_v<Parameter>) {
        const auto array = arguments.Array<std::remove_pointer_t<Parameter>>(index++);
        length = array.length;
        return array.data;
      } else if constexpr (std::is_same_v<Parameter, Address>) {
        const auto bytes = arguments.Array<uint8_t>(index++);
        return Address::From(bytes.data, bytes.length);
      } else if constexpr (std::is_same_v<Parameter, std::string>) {
        return arguments.String(index++);
      } else if constexpr (std::is_same_v<Parameter, bool>) {
        return arguments.Bool(index++);
      } else if constexpr (std::is_same_v<Parameter, double>) {
        return arguments.Double(index++);
      } else if constexpr (std::is_same_v<Parameter, int32_t>) {
        return arguments.Int(index++);
      } else if constexpr (std::is_same_v<Parameter, uint32_t>) {
        return arguments.Unsigned(index++);
      } else if constexpr (std::is_same_v<Parameter, int64_t>) {
        return static_cast<int64_t>(arguments.Size(index++));
      } else {
        static_assert(std::is_same_v<Parameter, size_t>);
        return has_length ? length : arguments.Size(index++);
      }
    }
  };

  napi_env env_;
  static constexpr size_t kMost = 8;  // that any call has
  napi_value values_[kMost];          // undefined from the number of arguments on
};

}  // namespace iomux

#endif  // IOMUX_NATIVE_BINDING_ARGUMENTS_H_
