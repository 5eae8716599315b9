#include <map>
#include <string>

#include <catch2/catch.hpp>

#include <sheafline/sheets/load_template.h>
#include <sheafline/sheets/read_image.h>
#include <sheafline/sheets/read_sheet.h>
#include <sheafline/sheets/score_again.h>

#include "image_files.h"
#include "sample_batch.h"

using namespace sheafline::sheets;

namespace {

Template demoTemplate() {
    return loadTemplate(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml");
}

// Wrong answers without a flag, and the number of flags; for a rejected sheet, the reason.
struct Judgement {
    std::string wrong{};
    int flagged = 0;
    int answers = 0;
};

Judgement judge(const SampledSheet& sample, const Template& sheet) {
    Judgement judgement;
    const auto reading = readSheet(readImage(sample.bytes), sheet, {.qr = sample.truth.qr});
    for (std::size_t i = 0; i < sheet.output.size(); ++i) {
        const auto& name = sheet.output[i].name;
        const auto& column = reading.columns[i];
        ++judgement.answers;
        if (column.flag != FieldFlag::ok) {
            ++judgement.flagged;
        } else if (column.value != sample.truth.answers.at(name)) {
            judgement.wrong +=
                name + " '" + column.value + "' for '" + sample.truth.answers.at(name) + "'; ";
        }
    }
    return judgement;
}

std::string rejectionOf(const GreyImage& page, const std::string& qr = {}) {
    try {
        readSheet(page, demoTemplate(), {.qr = qr});
    } catch (const UnreadableSheet& error) {
        return error.what();
    }
    return "read";
}

}  // namespace

TEST_CASE("no answer of a sample batch is read wrong in silence") {
    const auto [profile, dpi, most_flagged] =
        GENERATE(table<SampleProfile, int, double>({{SampleProfile::clean, 100, 0.001},
                                                    {SampleProfile::typical, 150, 0.015},
                                                    {SampleProfile::typical, 200, 0.015},
                                                    {SampleProfile::hard, 150, 0.08}}));
    const Template sheet = demoTemplate();
    int flagged = 0;
    int answers = 0;
    for (const auto& [name, sample] :
         makeSampleBatch({.sheets = 12, .seed = 4711, .profile = profile, .dpi = dpi})) {
        INFO(name);
        const Judgement judgement = judge(sample, sheet);
        CHECK(judgement.wrong == "");
        flagged += judgement.flagged;
        answers += judgement.answers;
    }
    CHECK(flagged <= most_flagged * answers + 1);
}

TEST_CASE("doubtful marks are flagged") {
    const Template sheet = demoTemplate();
    for (const auto& [name, sample] :
         makeSampleBatch({.sheets = 12, .seed = 99, .profile = SampleProfile::hard})) {
        const auto reading = readSheet(readImage(sample.bytes), sheet);
        for (std::size_t i = 0; i < sheet.output.size(); ++i) {
            const auto doubt = sample.truth.doubt.find(sheet.output[i].name);
            if (doubt == sample.truth.doubt.end()) continue;
            INFO(name << " " << doubt->first);
            CHECK(toString(reading.columns[i].flag) == doubt->second);
        }
    }
}

TEST_CASE("a page is read the same in every orientation") {
    const Template sheet = demoTemplate();
    const auto batch = makeSampleBatch({.sheets = 1, .seed = 5});
    const auto& sample = batch.begin()->second;
    const GreyImage page = readImage(sample.bytes);
    const auto upright = readSheet(page, sheet);
    for (const int turns : {1, 2, 3}) {
        const auto reading = readSheet(turned(page, turns), sheet);
        CHECK(reading.alignment.quarter_turns == turns);
        for (std::size_t i = 0; i < sheet.output.size(); ++i)
            CHECK(reading.columns[i].value == upright.columns[i].value);
    }
}

TEST_CASE("a page without one corner mark is read with the other three") {
    const Template sheet = demoTemplate();
    const auto batch = makeSampleBatch({.sheets = 1, .seed = 6, .profile = SampleProfile::hard});
    const auto& sample = batch.begin()->second;
    const GreyImage page = readImage(sample.bytes);
    const auto whole = readSheet(page, sheet);
    for (const Point mark : whole.alignment.marks) {
        GreyImage torn = page;
        for (int y = std::max(0, static_cast<int>(mark.y) - 30);
             y < std::min(page.height, static_cast<int>(mark.y) + 30); ++y) {
            for (int x = std::max(0, static_cast<int>(mark.x) - 30);
                 x < std::min(page.width, static_cast<int>(mark.x) + 30); ++x)
                torn.row(y)[static_cast<std::size_t>(x)] = 230;
        }
        const auto reading = readSheet(torn, sheet);
        CHECK(reading.alignment.marks.size() == 3);
        CHECK(reading.columns[0].value == whole.columns[0].value);
        CHECK(distance(reading.alignment.map({105, 200}), whole.alignment.map({105, 200})) < 2);
    }
}

TEST_CASE("a page that does not match the template is rejected") {
    CHECK(rejectionOf(blankImage(1240, 1754, 150)) ==
          "unreadable: the corner marks were not found; check that the image shows the whole page "
          "and is not too pale");
    CHECK(rejectionOf(blankImage(3, 2)) == "unreadable: the image is too small");
    const auto batch = makeSampleBatch({.sheets = 1, .seed = 8});
    const auto& sample = batch.begin()->second;
    const GreyImage page = readImage(sample.bytes);
    const std::string student = sample.truth.answers.at("student");
    CHECK(rejectionOf(page, "MATH-5A/1/1234567") == "unreadable: the bubbles say student " +
                                                        student +
                                                        ", the QR code says MATH-5A/1/1234567");
    // The same corner marks around different contents.
    GreyImage other = page;
    for (int y = 150; y < page.height - 130; ++y) {
        for (int x = 0; x < page.width; ++x) other.row(y)[static_cast<std::size_t>(x)] = 240;
    }
    CHECK_THAT(rejectionOf(other),
               Catch::StartsWith("unreadable: the bubbles are not at the positions of the "
                                 "template; check that "));
    CHECK(rejectionOf(crop(page, {0, 0, page.width, page.height / 2})) != "read");
}

TEST_CASE("evidence contains the page map, the marks and their darkness") {
    const Template sheet = demoTemplate();
    const auto batch = makeSampleBatch({.sheets = 1, .seed = 5, .profile = SampleProfile::clean});
    const std::string evidence =
        evidenceOf(readSheet(readImage(batch.begin()->second.bytes), sheet), sheet);
    CHECK(evidence.starts_with("{\"turns\":0,\"residual\":0."));
    CHECK(evidence.find("\"fields\":{\"student.1\":{\"value\":\"") != std::string::npos);
    CHECK(evidence.ends_with("]}}}"));
}

TEST_CASE("evidence of a flagged answer has the values that a person chooses from") {
    const Template sheet = demoTemplate();
    const auto batch = makeSampleBatch({.sheets = 1, .seed = 5, .profile = SampleProfile::clean});
    SheetReading reading = readSheet(readImage(batch.begin()->second.bytes), sheet);
    REQUIRE(sheet.output[0].name == "student");
    CHECK(evidenceOf(reading, sheet).find("values") == std::string::npos);
    reading.columns[0].flag = FieldFlag::blank;
    reading.columns[0].confidence = 0.41;
    reading.columns[1].flag = FieldFlag::faint;
    const std::string evidence = evidenceOf(reading, sheet);
    CHECK_THAT(evidence, Catch::Contains(R"("values":["A","B","C","D","E"]},"q2")"));
    CHECK_THAT(evidence, Catch::EndsWith(R"("columns":{"student":{"confidence":0.4100,"fields":[)"
                                         R"("student.1","student.2","student.3","student.4",)"
                                         R"("student.5","student.6","student.7"]}}})"));
}

TEST_CASE("a number with an empty or double digit keeps its places when it is scored again") {
    const Template sheet = demoTemplate();
    const auto batch = makeSampleBatch({.sheets = 1, .seed = 5, .profile = SampleProfile::clean});
    const auto& [bytes, truth] = batch.begin()->second;
    SheetReading reading = readSheet(readImage(bytes), sheet);
    reading.fields[2].value = "";
    reading.fields[4].value = "37";
    reading.fields[4].flag = FieldFlag::multiple;
    std::string student = truth.answers.at("student");
    student[2] = '_';
    student[4] = '_';
    CHECK(settleColumns(evidenceOf(reading, sheet), sheet)->values.front() == student);
}

TEST_CASE("a fax with half the rows is read like the page") {
    const Template sheet = demoTemplate();
    const auto batch =
        makeSampleBatch({.sheets = 2, .seed = 5, .profile = SampleProfile::clean, .dpi = 204});
    for (const auto& [name, sample] : batch) {
        const GreyImage page = readImage(sample.bytes);
        GreyImage fax = blankImage(page.width, page.height * 98 / 204);
        for (int y = 0; y < fax.height; ++y)
            for (int x = 0; x < fax.width; ++x)
                fax.row(y)[static_cast<std::size_t>(x)] =
                    page.at(x, (2 * y + 1) * 204 / 196) < 140 ? 0 : 255;
        const Bytes tiff = writeTiff({fax}, {.bits = 1, .fax = true, .dpi = 204, .dpi_down = 98});
        const SheetReading reading = readSheet(readImage(tiff), sheet);
        for (std::size_t i = 0; i < sheet.output.size(); ++i) {
            INFO(name << " " << sheet.output[i].name);
            CHECK((reading.columns[i].flag != FieldFlag::ok ||
                   reading.columns[i].value == sample.truth.answers.at(sheet.output[i].name)));
        }
        CHECK(std::ranges::count(reading.columns, FieldFlag::ok, &ColumnReading::flag) >= 59);
    }
}

TEST_CASE("evidence names the identity of a sheet unless it is in doubt") {
    Template sheet = demoTemplate();
    sheet.identity = {0};
    const auto batch = makeSampleBatch({.sheets = 1, .seed = 5, .profile = SampleProfile::clean});
    const auto& [bytes, truth] = batch.begin()->second;
    SheetReading reading = readSheet(readImage(bytes), sheet);
    CHECK(evidenceOf(reading, sheet)
              .starts_with("{\"identity\":\"" + truth.answers.at("student") + "\",\"turns\""));
    reading.columns[0].flag = FieldFlag::multiple;
    CHECK(evidenceOf(reading, sheet).starts_with("{\"identity\":\"\",\"turns\""));
}
