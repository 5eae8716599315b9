#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/text_pattern.h>

using namespace sheafline;

TEST_CASE("a pattern matches characters and not bytes") {
    CHECK(TextPattern("^.$").matches("ü"));
    CHECK(TextPattern(".{2}", TextPattern::Scope::whole).matches("答案"));
    CHECK_FALSE(TextPattern("^.$").matches("\xFF\xFE"));
}

TEST_CASE("a pattern for the whole text does not match a part of it") {
    CHECK(TextPattern("[0-9]+").matches("a7b"));
    CHECK_FALSE(TextPattern("[0-9]+", TextPattern::Scope::whole).matches("7b"));
    CHECK_FALSE(TextPattern("[0-9]+$").matches("7\n"));
}

TEST_CASE("named groups that took part in the match are returned") {
    const TextPattern pattern("(?<exam>[^-]+)(-(?<class>.+))?", TextPattern::Scope::whole);
    CHECK(pattern.names() == std::vector<std::string>{"class", "exam"});
    CHECK(pattern.match("Prüfung-7B") == TextPattern::Groups{{"class", "7B"}, {"exam", "Prüfung"}});
    CHECK(pattern.match("Prüfung")->at("exam") == "Prüfung");
    CHECK_FALSE(pattern.match(""));
}

TEST_CASE("a wrong pattern is named with its character") {
    CHECK_THROWS_WITH(TextPattern("ü("),
                      "the pattern is wrong at character 3: missing closing parenthesis");
    CHECK_THROWS_AS(TextPattern("\xFF"), ConfigError);
}

TEST_CASE("a pattern that needs too many steps matches nothing") {
    CHECK_FALSE(TextPattern("(a+)+b").matches(std::string(60, 'a')));
}
