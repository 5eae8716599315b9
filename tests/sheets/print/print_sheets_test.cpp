// What is on printed sheets: texts, codes, pages and paper; and which rosters and patterns are
// rejected.
#include <csignal>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sheets/encode_image.h>
#include <sheafline/sheets/find_code.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/new_template.h>
#include <sheafline/sheets/print_sheets.h>
#include <sheafline/sheets/read_sheet.h>

#include "overlay/colour_image.h"
#include "printed_pages.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::sheets;
using namespace sheafline::test;

namespace {

Template demo() {
    return loadTemplate(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml");
}

std::string codeOn(const std::filesystem::path& pdf, int page) {
    const CodeResult found = findCode(renderedPage(pdf, page, 150), {});
    return found.code ? found.code->text : found.reason;
}

std::string errorOf(const std::string& roster) {
    try {
        parseRoster(roster, "class.csv");
        return "";
    } catch (const ConfigError& error) {
        return error.what();
    }
}

std::string printErrorOf(const PrintOptions& options) {
    const TemporaryFolder folder;
    try {
        printSheets(options, folder / "t.pdf");
        return "";
    } catch (const ConfigError& error) {
        CHECK_FALSE(std::filesystem::exists(folder / "t.pdf"));
        return error.what();
    }
}

}  // namespace

TEST_CASE("each student of the roster gets a page with name, class and code") {
    if (!hasPdfTools()) {
        WARN("skipped: poppler-utils is not installed");
        return;
    }
    const TemporaryFolder folder;
    folder.write(
        "class.csv",
        "\xEF\xBB\xBFID;Name;Class\r\n2400123;\"Müller; Anna\";7B\r\n2400124;Łukasz Żółć;7B\r\n");
    const PrintedSheets printed = printSheets(
        {.pages = {demo()}, .roster = readRoster(folder / "class.csv"), .title = "Algebra <1>"},
        folder / "t.pdf");
    CHECK(printed.students == 2);
    CHECK(pagesOf(folder / "t.pdf") == 2);
    const std::string text = textOf(folder / "t.pdf");
    for (const char* part : {"Algebra <1>", "Müller; Anna", "2400123, 7B", "Łukasz Żółć"})
        CHECK_THAT(text, Catch::Contains(part));
    CHECK(codeOn(folder / "t.pdf", 1) == "DEMO-7B/1/2400123");
    CHECK(codeOn(folder / "t.pdf", 2) == "DEMO-7B/1/2400124");
}

TEST_CASE("several templates are the pages of each student, and the code tells the page") {
    if (!hasPdfTools()) {
        WARN("skipped: poppler-utils is not installed");
        return;
    }
    const TemporaryFolder folder;
    const Template second = parseTemplate(newTemplate({.name = "two", .letter = true}), "t.yaml");
    printSheets({.pages = {demo(), second},
                 .roster = Roster{.columns = {"id"}, .students = {{"1"}, {"2"}}},
                 .exam = "M1"},
                folder / "t.pdf");
    CHECK(pagesOf(folder / "t.pdf") == 4);
    CHECK(codeOn(folder / "t.pdf", 4) == "M1/2/2");
    CHECK_THAT(textOf(folder / "t.pdf"), Catch::Contains("demo, page 2 of 2"));
}

TEST_CASE("a template of several pages is printed with all of its pages for each student") {
    if (!hasPdfTools()) {
        WARN("skipped: poppler-utils is not installed");
        return;
    }
    const TemporaryFolder folder;
    const Template form =
        loadTemplate(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-two-pages.yaml");
    const PrintOptions options{
        .pages = {form},
        .roster = Roster{.columns = {"id", "class"}, .students = {{"2400123", "7B"}}},
        .exam = "MATH"};
    CHECK(sheets::pagesOf(options) == 2);
    printSheets(options, folder / "t.pdf");
    CHECK(pagesOf(folder / "t.pdf") == 2);
    for (int number = 1; number <= 2; ++number) {
        const GreyImage page = renderedPage(folder / "t.pdf", number, 150);
        const SheetReading reading = readSheet(page, form, {.qr = findCode(page, {}).code->text});
        CHECK(reading.page == number);
    }
}

TEST_CASE("without a roster the forms are blank, with lines for name and class") {
    if (!hasPdfTools()) {
        WARN("skipped: poppler-utils is not installed");
        return;
    }
    const TemporaryFolder folder;
    printSheets({.pages = {demo()}, .copies = 3}, folder / "t.pdf");
    CHECK(pagesOf(folder / "t.pdf") == 3);
    CHECK_THAT(textOf(folder / "t.pdf"), Catch::Contains("Name"));
    CHECK(codeOn(folder / "t.pdf", 3) == "DEMO/1");
}

TEST_CASE("the same options give the same bytes") {
    const TemporaryFolder folder;
    printSheets({.pages = {demo()}}, folder / "a.pdf");
    printSheets({.pages = {demo()}}, folder / "b.pdf");
    CHECK(folder.read("a.pdf") == folder.read("b.pdf"));
}

TEST_CASE("a logo is on every page, as PNG or JPEG") {
    if (!hasPdfTools()) {
        WARN("skipped: poppler-utils is not installed");
        return;
    }
    const TemporaryFolder folder;
    GreyImage picture = blankImage(80, 80);
    picture.pixels.assign(picture.pixels.size(), 40);
    const bool png = GENERATE(true, false);
    const auto bytes = png ? ColourImage(picture).png() : encodeJpeg(picture, 90);
    folder.write("logo", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const auto inkOf = [&](const std::filesystem::path& logo) {
        printSheets({.pages = {demo()}, .copies = 2, .title = "T", .logo = logo}, folder / "t.pdf");
        std::vector<long> ink;
        for (const int page : {1, 2}) {
            ink.push_back(0);
            for (const auto pixel : renderedPage(folder / "t.pdf", page, 50).pixels)
                ink.back() += 255 - pixel;
        }
        CHECK(ink[0] == ink[1]);
        return ink[1];
    };
    CHECK(inkOf(folder / "logo") > inkOf({}) + 20'000);
}

TEST_CASE("a PDF that cannot be written is an error and leaves no file of its name") {
    const rlim_t limit = GENERATE(1'000U, 8'000U, 20'000U);
    const TemporaryFolder folder;
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit lower{limit, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &lower);
    CHECK_THROWS_AS(printSheets({.pages = {demo()}}, folder / "t.pdf"), Error);
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, SIG_DFL);
    CHECK_FALSE(std::filesystem::exists(folder / "t.pdf"));
    printSheets({.pages = {demo()}}, folder / "t.pdf");
    CHECK(folder.read("t.pdf").size() > limit);
}

TEST_CASE("a class list with errors is rejected with the line of each") {
    CHECK_THAT(errorOf(""), Catch::Contains("the list is empty; write id,name,class"));
    CHECK_THAT(errorOf("name,class\nA,7B\n"),
               Catch::Contains("class.csv:1:1: the header has no column 'id'"));
    CHECK_THAT(errorOf("id,id\n1,2\n"), Catch::Contains("the column 'id' twice"));
    CHECK_THAT(errorOf("id,name\n"), Catch::Contains("the list has no students"));
    const std::string many = errorOf("id,name\n1,A\n\n1,B\n,C\n2\n");
    CHECK_THAT(many, Catch::Contains("class.csv:4:1: the id '1' is also in line 2"));
    CHECK_THAT(many, Catch::Contains("class.csv:5:1: this student has no id"));
    CHECK_THAT(many, Catch::Contains("class.csv:6:1: this line has 1 cells and the header has 2"));
    CHECK_THAT(errorOf("id,name\n1,A\n2,M\xFCller\n"), Catch::Contains("class.csv:3:1: not UTF-8"));
    CHECK(errorOf("id\tname\n1\t\"A\nB\"\n2\tC\n").empty());
}

TEST_CASE("a code that cannot be printed is rejected with its reason") {
    const Roster roster{.columns = {"id"}, .students = {{"1"}}};
    CHECK_THAT(printErrorOf({.pages = {demo()}, .code = "{exam}/{id}"}),
               Catch::Contains("there is no 'id' without a roster"));
    CHECK_THAT(printErrorOf({.pages = {demo()}, .roster = roster, .code = "{exam}/{room}"}),
               Catch::Contains("there is no 'room' in the roster"));
    CHECK_THAT(printErrorOf({.pages = {demo()}, .code = "{exam"}), Catch::Contains("not closed"));
    CHECK_THAT(printErrorOf({.pages = {demo()}, .code = std::string(300, 'x')}),
               Catch::Contains("too fine for a scanner"));
    CHECK_THAT(printErrorOf({.pages = {demo()}, .code = std::string(5000, 'x')}),
               Catch::Contains("does not fit into a QR code"));
    Template no_code = demo();
    no_code.qr.reset();
    CHECK_THAT(printErrorOf({.pages = {no_code}, .code = "{exam}"}),
               Catch::Contains("has no place for a code"));
    CHECK(printErrorOf({.pages = {no_code}}).empty());
}

TEST_CASE("a template in pixels, a wrong logo and a missing font are rejected") {
    Template pixels = demo();
    pixels.width = 1846;
    CHECK_THAT(printErrorOf({.pages = {pixels}}), Catch::Contains("is measured in pixels"));
    CHECK_THAT(printErrorOf({.pages = {demo()}, .logo = SHEAFLINE_SOURCE_DIR "/README.md"}),
               Catch::Contains("cannot be read as PNG or JPEG"));
    CHECK_THAT(printErrorOf({.pages = {demo()}, .title = "数学"}),
               Catch::Contains("has no '数' (of '数学'); name another TrueType font with --font"));
    CHECK_THAT(printErrorOf({.pages = {demo()}, .title = "A 🙂"}),
               Catch::Contains("has no '🙂'"));
    CHECK_THAT(printErrorOf({.pages = {demo()}, .title = "Żółć", .font = "/no/such.ttf"}),
               Catch::Contains("name one with --font"));
    CHECK_THAT(printErrorOf(
                   {.pages = {demo()}, .title = "Żółć", .font = SHEAFLINE_SOURCE_DIR "/README.md"}),
               Catch::Contains("is not a TrueType font"));
}

TEST_CASE("a template that does not fit on its page is rejected, all others load") {
    int made = 0;
    for (const int questions : {1, 7, 40, 100, 200}) {
        for (const int choices : {2, 5, 10}) {
            for (const bool letter : {false, true}) {
                for (const auto shape : {BubbleShape::circle, BubbleShape::oval,
                                         BubbleShape::square, BubbleShape::bracket}) {
                    const NewTemplateOptions options{.questions = questions,
                                                     .choices = choices,
                                                     .student_digits = choices,
                                                     .letter = letter,
                                                     .bubbles = shape};
                    try {
                        const std::string text = newTemplate(options);
                        INFO(text);
                        CHECK_NOTHROW(parseTemplate(text, "new.yaml"));
                        ++made;
                    } catch (const ConfigError& error) {
                        CHECK_THAT(error.what(), Catch::Contains("do not fit on the page"));
                        CHECK(questions >= 100);
                    }
                }
            }
        }
    }
    CHECK(made >= 60);
    CHECK_THROWS_WITH(newTemplate({.questions = 0}), Catch::Contains("must be 1 to 400, not 0"));
    CHECK_THROWS_WITH(newTemplate({.name = "a: b"}), Catch::Contains("must begin with a letter"));
    CHECK_THROWS_WITH(newTemplate({.questions = 90, .columns = 1}),
                      Catch::Contains("do not fit into 1 columns"));
}
