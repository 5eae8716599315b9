#include "analyzed_exam.h"

#include <cstdlib>
#include <functional>
#include <random>

#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include <sheafline/csv.h>

namespace fs = std::filesystem;

namespace sheafline::test {

namespace {

std::string templateOf(int questions, bool key) {
    return "sheet: demo\npage: {width: 210, height: 297}\nfields:\n  - {name: q, type: choice, "
           "count: " +
           std::to_string(questions) +
           ", first: 1, values: ABCD, origin: [20, 20], step: [0, 2.5], value_step: [6, 0], "
           "radius: "
           "1}\noutput: [q1..q" +
           std::to_string(questions) + (key ? ", score]\nkey: key.csv\n" : "]\n");
}

}  // namespace

AnalyzedExam::AnalyzedExam(int questions, const std::string& key)
    : questions_(questions), has_key_(!key.empty()) {
    folder.write("sheet.yaml", templateOf(questions, has_key_));
    if (has_key_) folder.write("key.csv", "question,answer,points,wrong,blank\n" + key);
    std::vector<std::string> columns;
    for (int i = 1; i <= questions; ++i) columns.push_back("q" + std::to_string(i));
    if (has_key_) columns.emplace_back("score");
    run.sheets().setColumns(columns);
}

AnalyzedExam::~AnalyzedExam() {
    const char* out = std::getenv("SHEAFLINE_TEST_SCREENSHOTS");
    const fs::path report = folder.path() / "batch/artifacts/analysis.html";
    if (out == nullptr || !fs::exists(report)) return;
    const std::string test = Catch::getResultCapture().getCurrentTestName();
    fs::copy_file(report,
                  fs::path(out) / ("analysis-" + std::to_string(std::hash<std::string>()(test)) +
                                   "-" + std::to_string(questions_) + ".html"),
                  fs::copy_options::overwrite_existing);
}

void AnalyzedExam::fill(const std::vector<FilledSheet>& sheets) {
    run.sheets().add(std::vector<Sheet>(sheets.size()));
    run.sheets().freeze();
    int number = 0;
    for (const auto& [answers, group] : sheets) {
        ++number;
        const bool read = !answers.empty();
        std::vector<std::string> row{"batch-1", std::to_string(number),        "f.jpg", "1", "",
                                     group,     read ? "read" : "quarantined", ""};
        for (int i = 0; i < questions_; ++i) {
            const char c = read ? answers.at(static_cast<std::size_t>(i)) : '.';
            row.push_back(c == '.' ? "" : c == '2' ? "AB" : std::string(1, c));
        }
        if (has_key_) row.emplace_back("");
        row.emplace_back("1.000");
        run.sheets().setRow(number, row);
    }
}

Poco::JSON::Object::Ptr AnalyzedExam::figures() const {
    return Poco::JSON::Parser().parse(artifact("analysis.json")).extract<Poco::JSON::Object::Ptr>();
}

void AnalyzedExam::writeRows() {
    const MemorySheets& sheets = run.sheets();
    std::string csv = csvLine(sheets.rowColumns());
    for (int n = 1; n <= static_cast<int>(sheets.size()); ++n) csv += csvLine(*sheets.row(n));
    folder.write("rows.csv", csv);
}

// Students of different ability answer questions of different difficulty.
std::vector<FilledSheet> students(int count, int questions, const std::string& right,
                                  std::uint64_t seed) {
    std::mt19937_64 dice(seed);
    const auto chance = [&] { return static_cast<double>(dice() >> 11U) * 0x1.0p-53; };
    std::vector<FilledSheet> sheets;
    for (int student = 0; student < count; ++student) {
        const double ability = chance() + chance() - 1;
        std::string answers;
        for (int q = 0; q < questions; ++q) {
            const double hard = static_cast<double>((q * 7) % questions) / questions - 0.5;
            if (chance() < 0.55 + 0.6 * (ability - hard)) {
                answers += right[static_cast<std::size_t>(q)];
            } else {
                answers += chance() < 0.1 ? '.' : (chance() < 0.05 ? '2' : "ABCD"[dice() % 4]);
            }
        }
        sheets.emplace_back(chance() < 0.03 ? "" : answers, std::string("7") + "ABC"[dice() % 3]);
    }
    return sheets;
}

std::string keyLines(const std::string& right, const std::string& points) {
    std::string lines;
    for (std::size_t i = 0; i < right.size(); ++i)
        lines += "q" + std::to_string(i + 1) + "," + right[i] + "," + points + "\n";
    return lines;
}

}  // namespace sheafline::test
