// One range of a file, as RFC 9110 lets a client ask for it: "bytes=0-99", "bytes=100-",
// "bytes=-50".
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

// Whole for no header, for several ranges, and for one that breaks the grammar: all of these may be
// answered with everything.
RangeAnswer rangeOf(std::string_view header, std::uint64_t size);

}  // namespace sheafline::api
