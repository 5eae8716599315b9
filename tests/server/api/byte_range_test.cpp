#include "api/bodies/byte_range.h"

#include <string>

#include <catch2/catch.hpp>

using namespace sheafline::api;

namespace {

std::string answer(std::string_view header, std::uint64_t size) {
    const RangeAnswer found = rangeOf(header, size);
    if (found.kind == RangeKind::whole) return "whole";
    if (found.kind == RangeKind::unsatisfiable) return "none";
    return std::to_string(found.range.first) + "+" + std::to_string(found.range.length);
}

}  // namespace

TEST_CASE("a range of a file is what RFC 9110 says") {
    struct Case {
        const char* header;
        std::uint64_t size;
        const char* answer;
    };
    const Case cases[] = {{"", 100, "whole"},
                          {"bytes=0-9", 100, "0+10"},
                          {"bytes=90-200", 100, "90+10"},
                          {"bytes=5-", 100, "5+95"},
                          {"bytes=-20", 100, "80+20"},
                          {"bytes=-200", 100, "0+100"},
                          {"bytes=100-", 100, "none"},
                          {"bytes=-0", 100, "none"},
                          {"bytes=0-", 0, "none"},
                          {"bytes=9-5", 100, "whole"},
                          {"bytes=a-5", 100, "whole"},
                          {"bytes=-", 100, "whole"},
                          {"bytes=0-1,4-5", 100, "whole"},
                          {"items=0-1", 100, "whole"},
                          {"bytes=99999999999999999999-", 100, "whole"}};
    for (const Case& one : cases) {
        INFO(one.header);
        CHECK(answer(one.header, one.size) == one.answer);
    }
}
