// An exam on disk and in the rows of a batch, for tests of the stage `analyze`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <Poco/JSON/Object.h>

#include "stage_outcome.h"
#include "temporary_folder.h"

namespace sheafline::test {

// The answers of a sheet, one letter for each question, `.` for none and `2` for A and B; and its
// group. No answers: the sheet is quarantined.
using FilledSheet = std::pair<std::string, std::string>;

class AnalyzedExam {
 public:
    // Choices A to D. `key` are the lines of the answer key; empty: none.
    AnalyzedExam(int questions, const std::string& key);
    // SHEAFLINE_TEST_SCREENSHOTS names a folder for the reports, to look at them.
    ~AnalyzedExam();
    AnalyzedExam(const AnalyzedExam&) = delete;
    AnalyzedExam& operator=(const AnalyzedExam&) = delete;

    void fill(const std::vector<FilledSheet>& sheets);
    StageOutcome analyze() { return runStage("analyze", params, run); }
    std::string artifact(const std::string& name) const {
        return folder.read("batch/artifacts/" + name);
    }
    Poco::JSON::Object::Ptr figures() const;  // of analysis.json
    void writeRows();                         // as rows.csv

    TemporaryFolder folder{};
    MemoryStageRun run{folder.path(), "analyze"};
    ParamValues params{{"template", {.text = (folder.path() / "sheet.yaml").string()}}};

 private:
    int questions_;
    bool has_key_;
};

// Students of different ability answer questions of different difficulty.
std::vector<FilledSheet> students(int count, int questions, const std::string& right,
                                  std::uint64_t seed);

// A line of a key for each letter: its points, and those of a wrong and a blank answer.
std::string keyLines(const std::string& right, const std::string& points);

}  // namespace sheafline::test
