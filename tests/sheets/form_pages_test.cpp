// Forms of several pages: which page a sheet is, what it has in the columns of the form, and what
// is wrong with templates of such forms.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sheets/find_code.h>
#include <sheafline/sheets/form_pages.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/new_template.h>
#include <sheafline/sheets/overlay.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/score_again.h>

#include "sample_batch.h"

using namespace sheafline::sheets;

namespace {

const std::filesystem::path kTwoPages =
    SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-two-pages.yaml";

// Two pages of the same size; a bubble tells the page.
const std::string kByBubble = R"(
sheet: exam
page: {width: 100, height: 100}
align:
  fiducials: {side: 4, centres: [[6, 6], [94, 6], [94, 94], [6, 94]]}
  orientation: {centre: [14, 6], side: 2}
bubble: {radius: 2}
page_number: {field: page}
fields:
  - {name: page, values: "12", origin: [70, 16], value_step: [6, 0]}
pages:
  - fields: [{name: q, count: 8, values: ABCD, origin: [20, 25], step: [0, 7], value_step: [7, 0]}]
  - fields:
      - {name: r, count: 6, values: ABCD, origin: [45, 35], step: [0, 8], value_step: [8, 0]}
      - {name: essay, type: image, box: [10, 30, 25, 50]}
)";

std::string findingsOf(const std::string& text) {
    try {
        static_cast<void>(parseTemplate(text, "t.yaml"));
    } catch (const sheafline::ConfigError& error) {
        return error.what();
    }
    return "none";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::string unreadable(const GreyImage& page, const Template& form, const std::string& code) {
    try {
        static_cast<void>(readSheet(page, form, {.qr = code}));
    } catch (const UnreadableSheet& error) {
        return error.what();
    }
    return "it was read";
}

std::string valuesOf(const SheetReading& reading, const Template& form) {
    std::string values;
    for (std::size_t i = 0; i < form.output.size(); ++i)
        values += form.output[i].name + "=" + reading.columns[i].value + " ";
    return values;
}

// A page of the form as it is printed, without marks but the bubble of its number.
GreyImage printed(const Template& page) { return readImage(templatePreview(page)); }

}  // namespace

TEST_CASE("a form of several pages has the columns of all pages in the order of the pages") {
    const Template form = parseTemplate(kByBubble, "t.yaml");
    std::string columns;
    for (const OutputColumn& column : form.output) columns += column.name + " ";
    CHECK(columns == "page q1 q2 q3 q4 q5 q6 q7 q8 r1 r2 r3 r4 r5 r6 ");
    REQUIRE(form.pages.size() == 2);
    CHECK(form.pages[0].output.size() == 9);
    CHECK(form.pages[1].output.size() == 7);
    CHECK(form.pages[1].page == 2);
    CHECK(form.images.size() == 1);
    CHECK(form.pages[0].images.empty());
}

TEST_CASE("a sheet is read by the page that its code names") {
    const Template form = loadTemplate(kTwoPages);
    const auto batch =
        makeSampleBatch({.sheets = 6, .pages = 2, .seed = 17, .profile = SampleProfile::typical});
    int second = 0;
    for (const auto& [name, sample] : batch) {
        INFO(name);
        const SheetReading reading =
            readSheet(readImage(sample.bytes), form, {.qr = sample.truth.qr});
        REQUIRE(reading.columns.size() == form.output.size());
        second += reading.page == 2 ? 1 : 0;
        const bool has_first = sample.truth.answers.contains("q1");
        CHECK(reading.page == (has_first ? 1 : 2));
        for (std::size_t i = 0; i < form.output.size(); ++i) {
            const auto truth = sample.truth.answers.find(form.output[i].name);
            if (reading.columns[i].flag != FieldFlag::ok) continue;
            CHECK(reading.columns[i].value ==
                  (truth == sample.truth.answers.end() ? "" : truth->second));
        }
        const std::string evidence = evidenceOf(reading, form);
        CHECK_THAT(evidence,
                   Catch::Contains("\"page\":" + std::to_string(reading.page) + ",\"turns\""));
        std::vector<std::string> values;
        for (const ColumnReading& column : reading.columns) values.push_back(column.value);
        const auto settled = settleColumns(evidence, form, {.qr = sample.truth.qr}, {});
        REQUIRE(settled);
        CHECK(settled->values == values);
    }
    CHECK(second == 3);
}

TEST_CASE("a code that names no page of the form is an error with the pages that there are") {
    const Template form = loadTemplate(kTwoPages);
    const auto batch = makeSampleBatch({.sheets = 1, .seed = 17, .profile = SampleProfile::clean});
    const GreyImage page = readImage(batch.begin()->second.bytes);
    CHECK(unreadable(page, form, "MATH-7B/3/2400123") ==
          "unreadable: the code MATH-7B/3/2400123 does not name a page from 1 to 2");
    CHECK(unreadable(page, form, "MATH-7B/99999999999/1") ==
          "unreadable: the code MATH-7B/99999999999/1 does not name a page from 1 to 2");
    CHECK(unreadable(page, form, "") == "unreadable: the sheet has no code, which names its page");
    CHECK(pageInCode(form, "MATH-7B/02/2400123") == 2);
    CHECK_FALSE(pageInCode(form, "MATH-7B/0/2400123"));
    CHECK_FALSE(pageInCode(form, "another code"));
}

TEST_CASE("a printed form whose page is told by a bubble is read as that page") {
    const Template form = parseTemplate(kByBubble, "t.yaml");
    for (const Template& page : form.pages) {
        const SheetReading reading = readSheet(printed(page), form);
        CHECK(reading.page == page.page);
        CHECK_THAT(valuesOf(reading, form),
                   Catch::StartsWith("page=" + std::to_string(page.page) + " q1= "));
        CHECK(flagsOf(reading, form).empty());
    }
}

TEST_CASE("a sheet whose bubbles name another page, several or none is rejected") {
    Template form = parseTemplate(kByBubble, "t.yaml");
    Template wrong = form.pages[1];
    wrong.page = 1;  // prints this number on the second page
    CHECK(unreadable(printed(wrong), form, "") ==
          "unreadable: the bubbles of 'page' say page 1, but the sheet does not look like that "
          "page");
    wrong.page = 0;
    CHECK(unreadable(printed(wrong), form, "") ==
          "unreadable: the bubbles of 'page' do not say which page this is");
    CHECK_THAT(unreadable(blankImage(400, 400), form, ""), Catch::StartsWith("unreadable: "));
}

TEST_CASE("an image is cut out of the page that has it") {
    const Template form = parseTemplate(kByBubble, "t.yaml");
    CHECK(cutOut(printed(form.pages[1]), form, "essay"));
    CHECK_FALSE(cutOut(printed(form.pages[0]), form, "essay"));
    CHECK_FALSE(cutOut(printed(form.pages[0]), form, "q1"));
}

TEST_CASE("a check of a template shows the page that the sheet is") {
    const Template form = parseTemplate(kByBubble, "t.yaml");
    const TemplateCheck check = checkSheet(printed(form.pages[1]), form);
    CHECK(check.readable);
    CHECK_THAT(check.report, Catch::StartsWith("page 2 of the form\npage: 2 ("));
    CHECK_THAT(check.report, !Catch::Contains("q1"));
    const TemplateCheck blank = checkSheet(blankImage(400, 400), form);
    CHECK_FALSE(blank.readable);
}

TEST_CASE("answers of one page that people decided are settled with those of its form") {
    const Template form = parseTemplate(kByBubble, "t.yaml");
    const SheetReading reading = readSheet(printed(form.pages[1]), form);
    const auto settled =
        settleColumns(evidenceOf(reading, form), form, {}, {{.name = "r2", .value = "C"}});
    REQUIRE(settled);
    REQUIRE(settled->values.size() == form.output.size());
    CHECK(settled->values[10] == "C");
    CHECK(settled->values[1].empty());
}

TEST_CASE("two pages of a student are not scans of the same page") {
    const Template form = parseTemplate(
        replaced(kByBubble, "fields:\n",
                 "identity: [seat]\nfields:\n  - {name: seat, values: AB, origin: [30, 16], "
                 "value_step: [6, 0]}\n"),
        "t.yaml");
    std::string identities;
    for (const Template& page : form.pages) {
        SheetReading reading = readSheet(printed(page), form);
        reading.columns[0] = {.value = "A"};
        identities += evidenceOf(reading, form).substr(0, 26) + "\n";
    }
    CHECK(identities == "{\"identity\":\"page 1 / A\",\"\n{\"identity\":\"page 2 / A\",\"\n");
}

TEST_CASE("the key of a form counts on each page for the questions of that page") {
    const Template form = parseTemplate(kByBubble, "t.yaml");
    Template keyed = form;
    keyed.output.push_back({.name = "score"});
    for (Template& page : keyed.pages) page.output.push_back({.name = "score"});
    keyed.pages[0].key.versions = {
        {.answers = {{.column = "q1", .right = {{"A", 1}}, .blank = 0.25}}}};
    keyed.pages[1].key.versions = {
        {.answers = {{.column = "r1", .right = {{"A", 1}}, .blank = 0.5}}}};
    CHECK(readSheet(printed(form.pages[0]), keyed).columns.back().value == "0.25");
    CHECK(readSheet(printed(form.pages[1]), keyed).columns.back().value == "0.5");
}

TEST_CASE("errors in a form of several pages name the page and the remedy") {
    const auto [from, to, finding] = GENERATE(table<std::string, std::string, std::string>({
        {"{name: r,", "{name: q,", "the name 'q1' is taken on another page"},
        {"{name: essay,", "{name: q1,", "the name 'q1' is taken"},
        {"page_number: {field: page}", "page_number: {field: q1}",
         "page 2 has no choice 'q1'; add it to the fields of the template"},
        {"values: \"12\"", "values: \"123\"",
         "the value '3' of 'page' is not the number of a page"},
        {"values: \"12\"", "values: \"13\"", "'page' has no value 2"},
        {"page_number: {field: page}", "page_number: {code: 'x+'}",
         "the pattern has no group 'page'"},
        {"page_number: {field: page}", "page_number: {code: '(?<page>[0-9]+'}",
         "write a pattern such as"},
        {"page_number: {field: page}", "page_number: {}", "write one of {code:"},
        {"bubble:", "identity: [q1]\nbubble:", "page 2 does not have all columns of the identity"},
        {"origin: [45, 35]", "origin: [80, 35]", "is outside the page"},
        {"origin: [45, 35]", "origin: [70, 16]",
         "the bubble 'B' of r1 overlaps the bubble '2' of page"},
        {"  - fields: [{name: q", "  - colour: red\n    fields: [{name: q", "unknown key 'colour'"},
    }));
    CHECK_THAT(findingsOf(replaced(kByBubble, from, to)), Catch::Contains(finding));
}

TEST_CASE("a template without pages has no page number") {
    CHECK_THAT(findingsOf("sheet: t\npage: {width: 100, height: 100}\npage_number: {field: q}\n"
                          "bubble: {radius: 2}\nfields: [{name: q, values: AB, origin: [20, 20], "
                          "value_step: [6, 0]}]\n"),
               Catch::Contains("the template has one page; add pages, or remove page_number"));
    CHECK_THAT(findingsOf("sheet: t\npages: []\n"), Catch::Contains("there are 0 pages"));
}

TEST_CASE("the search for codes covers the places of the codes of all pages") {
    std::string text = replaced(kByBubble, "page_number: {field: page}", "qr: {box: [75, 30, 15]}");
    const auto shared = regionOf(parseTemplate(text, "t.yaml"));
    text = replaced(text, "  - fields:\n      - {name: r",
                    "  - qr: {box: [10, 10, 20]}\n    fields:\n      - {name: r");
    const auto both = regionOf(parseTemplate(text, "t.yaml"));
    REQUIRE((shared && both));
    CHECK(both->box.x < 0.2);
    CHECK(both->box.x + both->box.width == Approx(shared->box.x + shared->box.width));
}
