// A reply of Redis as a value. An empty array and a null array cannot be distinguished: both are
// nil and have no items.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sheafline::redis {

struct Reply {
    enum class Kind { nil, integer, text, array, error };

    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text{};          // of text and error
    std::vector<Reply> items{};  // of array

    bool isNil() const { return kind == Kind::nil; }
    bool isError() const { return kind == Kind::error; }
};

// HGETALL and the fields of a stream's entry: name, value, name, value …
std::map<std::string, std::string> fieldsOf(const Reply& reply);

}  // namespace sheafline::redis
