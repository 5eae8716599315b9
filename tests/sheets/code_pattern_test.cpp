#include <stdexcept>

#include <catch2/catch.hpp>

#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/find_code.h>

using namespace sheafline::sheets;

TEST_CASE("a text is split into the named parts of its pattern") {
    const CodePattern pattern("(?<exam>[A-Z]+)-(?<class>[0-9A-Z]+)/(?<page>[0-9]+)/(?<student>.*)");
    const auto parts = pattern.match("MATH-7B/1/2400123");
    REQUIRE(parts);
    CHECK(fillForm("{exam}-{class}", *parts) == "MATH-7B");
    CHECK(fillForm("p{page} {nothing}", *parts) == "p1 ");
    CHECK_FALSE(pattern.match("xMATH-7B/1/2400123"));
    CHECK_FALSE(pattern.match(""));
    CHECK_FALSE(CodePattern("[A-Z]+").match("ABC\n"));
}

TEST_CASE("a wrong pattern or form says what is wrong") {
    CHECK_THROWS_WITH(CodePattern("(?<exam>[A-Z"),
                      Catch::StartsWith("the pattern is wrong at character 13: "));
    CHECK(namesIn("{exam}-{class}") == std::vector<std::string>{"exam", "class"});
    for (const char* form : {"{exam", "exam}", "{a{b}}", "}{"}) {
        INFO(form);
        CHECK_THROWS_AS(namesIn(form), std::invalid_argument);
    }
}

TEST_CASE("a pattern that exceeds the match limit matches nothing") {
    CHECK_FALSE(CodePattern("(a+)+b").match(std::string(60, 'a')));
}

TEST_CASE("check digits catch a wrong digit and a swap") {
    CHECK(checkDigitHolds(CheckDigit::luhn, "79927398713"));
    CHECK_FALSE(checkDigitHolds(CheckDigit::luhn, "79927398710"));
    CHECK_FALSE(checkDigitHolds(CheckDigit::luhn, "97927398713"));
    CHECK(checkDigitHolds(CheckDigit::ean, "4006381333931"));
    CHECK_FALSE(checkDigitHolds(CheckDigit::ean, "4006381333932"));
    CHECK_FALSE(checkDigitHolds(CheckDigit::ean, "7"));
    CHECK(checkDigitHolds(CheckDigit::none, ""));
}

TEST_CASE("a region is the same after writing and reading it") {
    const CodeRegion region{.box = {.x = 0.75, .y = 0.05, .width = 0.2, .height = 0.15},
                            .quarter_turns = 3,
                            .landscape = true};
    CHECK(toString(region) == "0.7500,0.0500,0.2000,0.1500,3,landscape");
    CHECK(parseRegion(toString(region)).box == region.box);
    CHECK(parseRegion(toString(region)).landscape);
    CHECK(parseRegion("0.75, 0.05, 0.2, 0.15").quarter_turns == 0);
    for (const char* text : {"", "1,2,3", "0,0,0,1", "0.9,0,0.2,0.1", "0,0,1,1,4", "a,0,1,1"}) {
        INFO(text);
        CHECK_THROWS_AS(parseRegion(text), std::invalid_argument);
    }
}
