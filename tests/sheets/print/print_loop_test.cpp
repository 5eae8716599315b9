// The paper loop: a template becomes a PDF, the PDF becomes paper, people fill it in, a scanner
// reads it, and the answers equal what was marked.
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/sheets/find_code.h>
#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/new_template.h>
#include <sheafline/sheets/print_sheets.h>
#include <sheafline/sheets/read_sheet.h>

#include "printed_pages.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::sheets;
using namespace sheafline::test;

namespace {

std::string randomTemplate(Dice& dice) {
    for (;;) {
        NewTemplateOptions options{.name = "random",
                                   .questions = 5 + dice.below(96),
                                   .choices = 3 + dice.below(4),
                                   .student_digits = dice.chance(0.8) ? 5 + dice.below(5) : 0,
                                   .letter = dice.chance(0.4)};
        options.fiducials = static_cast<FiducialShape>(dice.below(3));
        options.bubbles = static_cast<BubbleShape>(dice.below(4));
        try {
            return newTemplate(options);
        } catch (const ConfigError&) {
            continue;  // they do not fit on the page; the next ones may
        }
    }
}

std::string joined(const std::vector<std::string>& values) {
    std::string text;
    for (const std::string& value : values) text += value + ",";
    return text;
}

enum class Doubts { none, allowed };

// What differs from the truth; empty if every answer is right and, unless doubts are allowed, none
// is flagged.
std::string differences(const GreyImage& page, const Template& sheet,
                        const std::vector<std::string>& truth, Doubts doubts = Doubts::none) {
    try {
        const SheetReading reading = readSheet(page, sheet);
        std::vector<std::string> values;
        for (const auto& column : reading.columns) values.push_back(column.value);
        if (values != truth) return "read " + joined(values) + " of " + joined(truth);
        return doubts == Doubts::allowed ? "" : flagsOf(reading, sheet);
    } catch (const UnreadableSheet& error) {
        return error.what();
    }
}

// Prints, fills in, scans and reads one random template at all resolutions.
void checkLoop(std::uint64_t seed) {
    Dice dice(seed);
    const TemporaryFolder folder;
    const std::string yaml = randomTemplate(dice);
    const Template sheet = parseTemplate(yaml, folder / "t.yaml");
    const Roster roster{.columns = {"id", "name", "class"}, .students = {{"2400123", "Ana", "7B"}}};
    printSheets({.pages = {sheet}, .roster = roster, .title = "Random"}, folder / "t.pdf");
    for (const int dpi : {100, 150, 200, 300}) {
        GreyImage page = renderedPage(folder / "t.pdf", 1, dpi);
        const auto truth = fillIn(page, sheet, dice);
        const GreyImage scan = scanned(page, dice);
        CAPTURE(seed, dpi, yaml.substr(0, 300));
        CHECK(differences(scan, sheet, truth) == "");
        CHECK(differences(turned(scan, 2), sheet, truth) == "");
        // A fax makes thin lines thick, which may look like a pen around a bubble.
        if (dpi == 200) CHECK(differences(faxed(scan), sheet, truth, Doubts::allowed) == "");
        const CodeResult found = findCode(scan, {});
        CHECK((found.code ? found.code->text : found.reason) == "RANDOM-7B/1/2400123");
    }
}

}  // namespace

TEST_CASE("printed sheets of random templates are read as they were filled in") {
    if (!hasPdfTools()) {
        WARN("skipped: poppler-utils is not installed");
        return;
    }
    checkLoop(GENERATE(1U, 2U, 3U));
}

TEST_CASE("printed sheets of twenty random templates are read as they were filled in", "[.slow]") {
    if (!hasPdfTools()) {
        WARN("skipped: poppler-utils is not installed");
        return;
    }
    for (std::uint64_t seed = 101; seed <= 120; ++seed) checkLoop(seed);
}

// What a photograph of a printed and filled sheet gives, over 20 random templates.
struct PhotoSeries {
    int right = 0;
    int flagged = 0;  // a wrong answer that has a flag, or a right one with a flag
    int refused = 0;
    std::string wrong{};  // in silence: no flag says so

    void add(std::uint64_t seed, int dpi) {
        Dice dice(seed);
        const TemporaryFolder folder;
        const Template sheet = parseTemplate(randomTemplate(dice), folder / "t.yaml");
        printSheets({.pages = {sheet}, .copies = 1, .title = "Random"}, folder / "t.pdf");
        GreyImage page = renderedPage(folder / "t.pdf", 1, dpi);
        const auto truth = fillIn(page, sheet, dice);
        try {
            const SheetReading reading = readSheet(photographed(page, dice), sheet);
            bool doubt = false;
            for (std::size_t i = 0; i < truth.size(); ++i) {
                const auto& column = reading.columns[i];
                doubt = doubt || column.flag != FieldFlag::ok;
                if (column.value != truth[i] && column.flag == FieldFlag::ok)
                    wrong += std::to_string(seed) + ":" + sheet.output[i].name + " ";
            }
            ++(doubt ? flagged : right);
        } catch (const UnreadableSheet&) {
            ++refused;
        }
    }
};

TEST_CASE("photographs of printed sheets of twenty templates give no wrong answer in silence",
          "[.slow]") {
    if (!hasPdfTools()) {
        WARN("skipped: poppler-utils is not installed");
        return;
    }
    for (const int dpi : {150, 200}) {
        PhotoSeries series;
        for (std::uint64_t seed = 101; seed <= 120; ++seed) series.add(seed, dpi);
        WARN("photographs at " << dpi << " dpi: " << series.right << " read, " << series.flagged
                               << " with a flag, " << series.refused << " refused");
        CHECK(series.wrong == "");
        CHECK(series.right >= 15);
    }
}

TEST_CASE("a printed demo sheet is read on other paper, where it is smaller") {
    if (!hasPdfTools()) {
        WARN("skipped: poppler-utils is not installed");
        return;
    }
    const TemporaryFolder folder;
    const Template sheet =
        loadTemplate(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml");
    printSheets({.pages = {sheet}, .paper = Paper::letter}, folder / "t.pdf");
    Dice dice(5);
    GreyImage page = renderedPage(folder / "t.pdf", 1, 150);
    CHECK(page.width == 1275);
    CHECK(page.height == 1650);
    const auto truth = fillIn(page, sheet, dice);
    CHECK(differences(scanned(page, dice), sheet, truth) == "");
}
