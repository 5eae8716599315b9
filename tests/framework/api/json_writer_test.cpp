#include <cstdint>
#include <limits>
#include <map>
#include <string>

#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include <sheafline/json_writer.h>

using namespace sheafline;

TEST_CASE("objects, arrays and values have commas only between them") {
    JsonWriter json;
    json.beginObject()
        .text("a", "x")
        .key("b")
        .beginArray()
        .integer(1)
        .beginArray()
        .endArray()
        .beginObject()
        .endObject()
        .text(":")
        .text("[")
        .endArray()
        .raw("c", "{}")
        .boolean("d", false)
        .endObject();
    CHECK(json.take() == R"({"a":"x","b":[1,[],{},":","["],"c":{},"d":false})");
    CHECK(json.take().empty());
}

TEST_CASE("numbers are written in full") {
    JsonWriter json;
    json.beginArray()
        .integer(std::numeric_limits<std::int64_t>::min())
        .integer(std::numeric_limits<std::uint64_t>::max())
        .integer(std::uint8_t{7})
        .fixed(0, 1)
        .fixed(99.9, 1)
        .fixed(0.79, 4)
        .fixed(-2.5, 3)
        .fixed(std::numeric_limits<double>::infinity(), 1)
        .fixed(std::numeric_limits<double>::quiet_NaN(), 1)
        .endArray();
    CHECK(json.take() ==
          "[-9223372036854775808,18446744073709551615,7,0.0,99.9,0.7900,-2.500,null,null]");
    CHECK(JsonWriter().fixed(std::numeric_limits<double>::max(), 3).take().size() == 313);
}

TEST_CASE("text in JSON has no control characters and no malformed UTF-8") {
    const std::map<std::string, std::string> cases{
        {"", R"("")"},
        {"plain", R"("plain")"},
        {"\"\\/", R"("\"\\/")"},
        {"a\n\t\r", R"("a\n\t\u000d")"},
        {std::string("\0", 1), R"("\u0000")"},
        {"a\x1b\xc2\x9b\x7f\xc3\xa4", "\"a\\u001b\\u009b\\u007f\xc3\xa4\""},
        {"\xc2\xa0\xf0\x9f\x99\x82", "\"\xc2\xa0\xf0\x9f\x99\x82\""},
        {"cut \xf0\x9f\x99", "\"cut \xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xff", "\"\xef\xbf\xbd\""}};
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        CHECK(jsonText(text) == expected);
        CHECK(JsonWriter().text(text).take() == expected);
        CHECK(JsonWriter().beginObject().integer(text, 1).endObject().take() ==
              "{" + expected + ":1}");
    }
}

TEST_CASE("every byte in a text gives JSON that a parser reads") {
    for (int first = 0; first < 256; ++first) {
        for (const int second : {0x00, 0x22, 0x5C, 0x80, 0x9F, 0xBF, 0xC2, 0xFF}) {
            const std::string text{static_cast<char>(first), static_cast<char>(second)};
            CAPTURE(first, second);
            CHECK_NOTHROW(Poco::JSON::Parser().parse("[" + jsonText(text) + "]"));
        }
    }
}
