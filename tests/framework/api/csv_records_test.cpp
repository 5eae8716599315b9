#include <string>

#include <catch2/catch.hpp>

#include <sheafline/csv_records.h>

using namespace sheafline;

namespace {

// "line:cell|cell;" of each record.
std::string shown(std::string_view text) {
    std::string all;
    for (const CsvRecord& record : csvRecords(text, csvSeparator(text))) {
        all += std::to_string(record.line) + ":";
        for (const std::string& cell : record.cells) all += (all.ends_with(':') ? "" : "|") + cell;
        all += ';';
    }
    return all;
}

}  // namespace

TEST_CASE("CSV of a spreadsheet has the same cells with each separator and each end of a line") {
    CHECK(shown("a,b\n1,2\n") == "1:a|b;2:1|2;");
    CHECK(shown("\xEF\xBB\xBF"
                "a,b\r\n1,2\r\n") == "1:a|b;2:1|2;");
    CHECK(shown("a,b\r1,2\r") == "1:a|b;2:1|2;");
    CHECK(shown("a;b\n1;\"2,5;\"\n") == "1:a|b;2:1|2,5;;");
    CHECK(shown("a\tb\n\n1\t2") == "1:a|b;3:1|2;");
    CHECK(shown("a,b\n\"1\n2\",3\n4,5") == "1:a|b;2:1\n2|3;4:4|5;");
}

TEST_CASE("the separator of a CSV is the one that its first line has most often") {
    CHECK(csvSeparator("sheet;field;value\n1,5") == ';');
    CHECK(csvSeparator("a,b;c,d") == ',');
    CHECK(csvSeparator("a\tb") == '\t');
    CHECK(csvSeparator("undo\n12;") == ',');
    CHECK(csvSeparator("") == ',');
}
