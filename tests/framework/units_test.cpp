#include "base/units.h"

#include <string>
#include <tuple>

#include <catch2/catch.hpp>

using sheafline::canonicalText;
using sheafline::ParamType;

namespace {

std::string canonical(ParamType type, const std::string& text) {
    return canonicalText(type, text).value_or("rejected");
}

}  // namespace

TEST_CASE("a value of each type has one canonical form") {
    const auto [type, text, expected] = GENERATE(table<ParamType, std::string, std::string>({
        {ParamType::size, "512", "512"},
        {ParamType::size, "512B", "512"},
        {ParamType::size, "0", "0"},
        {ParamType::size, "1024", "1KiB"},
        {ParamType::size, "20GiB", "20GiB"},
        {ParamType::size, "1.5GiB", "1536MiB"},
        {ParamType::size, "4MB", "4MB"},
        {ParamType::size, "0.5KB", "500"},
        {ParamType::duration, "250ms", "250ms"},
        {ParamType::duration, "30s", "30s"},
        {ParamType::duration, "120s", "2m"},
        {ParamType::duration, "1.5h", "90m"},
        {ParamType::duration, "1d", "1d"},
        {ParamType::duration, "0", "0"},
        {ParamType::percent, "2%", "2%"},
        {ParamType::percent, "0.5 %", "0.5%"},
        {ParamType::percent, "7%", "7%"},
        {ParamType::percent, "100%", "100%"},
        {ParamType::integer, "-3", "-3"},
        {ParamType::integer, "9223372036854775807", "9223372036854775807"},
        {ParamType::number, "1.50", "1.5"},
        {ParamType::number, "1e6", "1e+06"},
        {ParamType::boolean, "false", "false"},
        {ParamType::string, "010", "010"},
    }));
    CHECK(canonical(type, text) == expected);
    CHECK(canonical(type, expected) == expected);
}

TEST_CASE("a value outside the grammar of its type is rejected") {
    const auto [type, text] = GENERATE(table<ParamType, std::string>({
        {ParamType::size, ""},
        {ParamType::size, "-1"},
        {ParamType::size, "20 GiB"},
        {ParamType::size, "20Gb"},
        {ParamType::size, "0.3KiB"},
        {ParamType::size, "1.5"},
        {ParamType::size, "010"},
        {ParamType::size, "99999999TiB"},
        {ParamType::size, "8388608TiB"},
        {ParamType::size, ".5KB"},
        {ParamType::size, "18446744073709551616"},
        {ParamType::duration, "30"},
        {ParamType::duration, "30 s"},
        {ParamType::duration, "1m30s"},
        {ParamType::duration, "0.5ms"},
        {ParamType::duration, "2H"},
        {ParamType::duration, "-1s"},
        {ParamType::percent, "2"},
        {ParamType::percent, "101%"},
        {ParamType::percent, "-1%"},
        {ParamType::percent, "1e1%"},
        {ParamType::percent, "2  %"},
        {ParamType::integer, "010"},
        {ParamType::integer, "1_000"},
        {ParamType::integer, "0x10"},
        {ParamType::integer, "+1"},
        {ParamType::integer, "1.0"},
        {ParamType::integer, "9223372036854775808"},
        {ParamType::number, "nan"},
        {ParamType::number, "inf"},
        {ParamType::number, "1."},
        {ParamType::number, "1e999"},
        {ParamType::boolean, "yes"},
        {ParamType::boolean, "True"},
        {ParamType::boolean, "1"},
    }));
    CAPTURE(text);
    CHECK(canonical(type, text) == "rejected");
}
