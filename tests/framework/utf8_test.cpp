#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/utf8.h>

using namespace sheafline;

TEST_CASE("a well-formed character has its length, and a malformed one has none") {
    struct Case {
        const char* what;
        std::string text;
        std::size_t length;
    };
    const std::vector<Case> cases{
        {"nothing", "", 0},
        {"ASCII", "ab", 1},
        {"two bytes", "\xC3\xA9", 2},
        {"three bytes", "\xE2\x82\xAC", 3},
        {"four bytes", "\xF0\x9F\x98\x80", 4},
        {"the last character", "\xF4\x8F\xBF\xBF", 4},
        {"a continuation first", "\x80", 0},
        {"cut after its first byte", "\xE2", 0},
        {"cut after its second byte", "\xE2\x82", 0},
        {"followed by ASCII", "\xC3z", 0},
        {"overlong slash", "\xC0\xAF", 0},
        {"overlong, three bytes", "\xE0\x80\xAF", 0},
        {"overlong, four bytes", "\xF0\x80\x80\xAF", 0},
        {"a surrogate", "\xED\xA0\x80", 0},
        {"above U+10FFFF", "\xF4\x90\x80\x80", 0},
        {"a byte of no encoding", "\xFF", 0},
    };
    for (const Case& c : cases) {
        INFO(c.what);
        CHECK(utf8Length(c.text) == c.length);
        CHECK(isUtf8(c.text) == (c.length > 0 || c.text.empty()));
    }
}

TEST_CASE("each malformed byte becomes one replacement character") {
    CHECK(cleanUtf8("a\xFF\xC3z") == "a\xEF\xBF\xBD\xEF\xBF\xBDz");
    CHECK(cleanUtf8("gr\xC3\xBC\xC3\x9F") == "gr\xC3\xBC\xC3\x9F");
}

TEST_CASE("every character survives the way there and back") {
    for (char32_t character = 1; character <= 0x10FFFF; character += character < 0x900 ? 1 : 251) {
        if (character >= 0xD800 && character <= 0xDFFF) continue;
        std::string text;
        appendUtf8(text, character);
        REQUIRE(utf8Length(text) == text.size());
        REQUIRE(utf8Character(text) == character);
    }
}
