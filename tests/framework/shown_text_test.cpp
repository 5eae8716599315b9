#include <catch2/catch.hpp>

#include <sheafline/shown_text.h>

using namespace sheafline;

TEST_CASE("text from outside is shown without control characters") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"plain.jpg", "plain.jpg"},
        {"Müller 東京 🙂", "Müller 東京 🙂"},
        {"a\x1b[2Jb", "a\\x1b[2Jb"},
        {"a\nb\r\tc", "a\\nb\\r\\tc"},
        {std::string("a\0b", 3), "a\\x00b"},
        {"bell\x07 del\x7f", "bell\\x07 del\\x7f"},
        {"csi\xc2\x9b"
         "31m",
         "csi\\x9b31m"},
        {"gpj.\xe2\x80\xae"
         "exe",
         "gpj.\\u202eexe"},
        {"a\xe2\x80\xa8"
         "b\xe2\x81\xa6"
         "c",
         "a\\u2028b\\u2066c"},
        {"bad\xff\xc3", "bad\xef\xbf\xbd\xef\xbf\xbd"},
        {"raw\x9b"
         "31m",
         "raw\xef\xbf\xbd"
         "31m"},
        {"", ""}};
    for (const auto& [text, shown] : cases) CHECK(shownText(text) == shown);
    CHECK(shownText("one\ntwo\r\n\x1b", LineBreaks::keep) == "one\ntwo\\r\n\\x1b");
}
