#include <array>

#include <catch2/catch.hpp>

#include <sheafline/csv.h>

using namespace sheafline;
using namespace std::string_literals;

TEST_CASE("a CSV field is quoted where it must be and guarded where a spreadsheet would run it") {
    struct Case {
        std::string value;
        CsvField field;
        std::string expected;
    };
    const auto c = GENERATE(values<Case>({
        {"plain", CsvField::text, "plain"},
        {"", CsvField::text, ""},
        {"a,b", CsvField::text, "\"a,b\""},
        {"say \"hi\"", CsvField::text, "\"say \"\"hi\"\"\""},
        {"two\nlines", CsvField::text, "\"two\nlines\""},
        {" space", CsvField::text, "\" space\""},
        {"a\0b"s, CsvField::text, "\"a\0b\""s},
        {"=1+1", CsvField::text, "'=1+1"},
        {"+49 30", CsvField::text, "'+49 30"},
        {"-7", CsvField::text, "'-7"},
        {"@cmd", CsvField::text, "'@cmd"},
        {"\tx", CsvField::text, "'\tx"},
        {"\rx", CsvField::text, "\"'\rx\""},
        {"=a,b", CsvField::text, "\"'=a,b\""},
        {"-7", CsvField::number, "-7"},
        {"-7+cmd", CsvField::number, "'-7+cmd"},
        {"+7", CsvField::number, "'+7"},
    }));
    std::string line;
    appendCsvField(line, c.value, c.field);
    CHECK(line == c.expected);
}

TEST_CASE("a CSV line has a field for each value and ends with LF") {
    CHECK(csvLine(std::array<std::string, 3>{"a", "-1", "c,d"},
                  std::array{CsvField::text, CsvField::number, CsvField::text}) ==
          "a,-1,\"c,d\"\n");
    CHECK(csvLine(std::array<std::string, 1>{""}) == "\n");
}
