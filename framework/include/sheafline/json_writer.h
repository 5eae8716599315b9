// Writes JSON into one string: objects, arrays and values, with commas between them. Fast enough
// for every event and every row. Malformed UTF-8 becomes U+FFFD. The caller closes what it opens;
// the order of calls is not checked. One thread.
//
//     JsonWriter json;
//     json.beginObject().text("code", code).integer("sheets", 3).endObject();
//     send(json.take());
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <sheafline/export.h>

namespace sheafline {

class SHEAFLINE_API JsonWriter {
 public:
    explicit JsonWriter(std::size_t expected_bytes = 0) { json_.reserve(expected_bytes); }

    JsonWriter& beginObject();
    JsonWriter& endObject();
    JsonWriter& beginArray();
    JsonWriter& endArray();

    JsonWriter& key(std::string_view name);  // a value follows

    // Items of an array, or the value after key().
    JsonWriter& text(std::string_view value);
    JsonWriter& fixed(double value, int decimals);  // null for infinity and NaN
    JsonWriter& boolean(bool value);
    JsonWriter& raw(std::string_view json);  // is JSON already
    template <std::integral T>
    JsonWriter& integer(T value) {
        if constexpr (std::is_signed_v<T>) return signedInteger(value);
        return unsignedInteger(static_cast<std::uint64_t>(value));
    }

    // Members of an object.
    JsonWriter& text(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }
    JsonWriter& fixed(std::string_view name, double value, int decimals) {
        return key(name).fixed(value, decimals);
    }
    JsonWriter& boolean(std::string_view name, bool value) { return key(name).boolean(value); }
    JsonWriter& raw(std::string_view name, std::string_view json) { return key(name).raw(json); }
    template <std::integral T>
    JsonWriter& integer(std::string_view name, T value) {
        return key(name).integer(value);
    }

    std::string take() { return std::exchange(json_, {}); }

 private:
    JsonWriter& signedInteger(std::int64_t value);
    JsonWriter& unsignedInteger(std::uint64_t value);
    void separate();

    std::string json_{};
};

// One text in quotes, escaped.
SHEAFLINE_API std::string jsonText(std::string_view text);

}  // namespace sheafline
