// One range of a file, as a client requests it (RFC 9110): "bytes=0-99", "bytes=100-", "bytes=-50".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sheafline::api {

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t length = 0;

    bool operator==(const ByteRange&) const = default;
};

enum class RangeKind { whole, part, unsatisfiable };

struct RangeAnswer {
    RangeKind kind = RangeKind::whole;
    ByteRange range{};
};

// The whole file if there is no header, if there are several ranges, or if the range is malformed:
// RFC 9110 allows that.
RangeAnswer rangeOf(std::string_view header, std::uint64_t size);

}  // namespace sheafline::api
