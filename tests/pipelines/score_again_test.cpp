// An answer key that changes while a batch is interrupted: the change is noticed, and no sheet is
// read again.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr const char* kPipeline = R"(
name: keyed
params: {input: {type: path, required: true}}
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
  - {id: process, uses: dispatch, with: {processor: omr, template: sheet.yaml, workers: 1}}
  - {id: collect, uses: collect}
  - {id: wait, uses: probe, with: {act: wait_once}}
  - {id: csv, uses: csv, with: {file: marks.csv}}
)";

// The score of the first sheet of a CSV.
std::string scoreIn(const std::string& csv) {
    std::istringstream lines(csv);
    std::string names;
    std::string values;
    std::getline(lines, names);
    std::getline(lines, values);
    std::istringstream name_cells(names);
    std::istringstream value_cells(values);
    for (std::string name, value; std::getline(name_cells, name, ',');) {
        std::getline(value_cells, value, ',');
        if (name == "score") return value;
    }
    return "no score";
}

}  // namespace

TEST_CASE("a changed answer key is noticed on resume, and scores are computed without reading") {
    const TemporaryFolder folder;
    std::ostringstream demo;
    demo << std::ifstream(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml").rdbuf();
    std::string sheet = demo.str();
    const std::string output = "output: [student, q1..q60";
    const std::size_t at = sheet.find(output);
    REQUIRE(at != std::string::npos);
    sheet.insert(at + output.size(), ", score");
    folder.write("sheet.yaml", sheet + "\nkey: answers.csv\n");
    // Every answer is right, including blank ones.
    const auto key = [](const std::string& points) {
        std::string text = "question,answer,points,wrong,blank\n";
        for (const char* answer : {"A", "B", "C", "D", "E"})
            text += "q1..q60," + std::string(answer) + "," + points + "," + points + "," + points +
                    "\n";
        return text;
    };
    folder.write("answers.csv", key("1"));
    folder.write("p.yaml", kPipeline);
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "2", "--seed", "3", "--out", "s.zip"})
                .status == 0);
    Program program(folder.path(),
                    {"run", "p.yaml", "--input", "s.zip", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    program.signal(SIGTERM);
    REQUIRE(program.wait().status == 4);

    folder.write("answers.csv", key("5"));
    // A sheet that is read again would fail the batch: its image is gone.
    for (const auto& image :
         std::filesystem::directory_iterator(folder / "sheafline-data/work/b/stages/extract"))
        std::filesystem::remove(image);
    const ProgramResult plan = runProgram(folder.path(), {"resume", "--plan", "b"});
    INFO(plan.out);
    CHECK(plan.out.find("scores again") != std::string::npos);
    CHECK(plan.out.find("answers.csv has changed") != std::string::npos);
    const ProgramResult resumed = runProgram(folder.path(), {"resume", "b"});
    INFO(resumed.err);
    REQUIRE(resumed.status == 0);
    CHECK(scoreIn(folder.read("sheafline-data/batches/b/artifacts/marks.csv")) == "300");
    HistoryReader history(folder / "sheafline-data/history.db");
    CHECK(history.batch("b")->sheets_read == 2);
    CHECK(history.batch("b")->execution == 2);
}

TEST_CASE("a changed template is read again, not scored") {
    const TemporaryFolder folder;
    std::filesystem::copy_file(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml",
                               folder / "sheet.yaml");
    folder.write("p.yaml", kPipeline);
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "1", "--seed", "3", "--out", "s.zip"})
                .status == 0);
    Program program(folder.path(),
                    {"run", "p.yaml", "--input", "s.zip", "--batch-id", "b", "--json"});
    REQUIRE(program.waitForOutput("waiting"));
    program.signal(SIGTERM);
    REQUIRE(program.wait().status == 4);
    folder.write("sheet.yaml", folder.read("sheet.yaml") + "# edited\n");
    const ProgramResult plan = runProgram(folder.path(), {"resume", "--plan", "b"});
    INFO(plan.out);
    CHECK(plan.out.find("process  runs again") != std::string::npos);
    CHECK(plan.out.find("sheet.yaml has changed") != std::string::npos);
}

TEST_CASE("a finished batch is scored again on the command line, with its roster joined") {
    const TemporaryFolder folder;
    std::filesystem::copy_file(SHEAFLINE_SOURCE_DIR "/pipelines/templates/demo-sheet.yaml",
                               folder / "sheet.yaml");
    folder.write("class.csv", "id,name\n0000001,Nobody\n");
    folder.write("p.yaml", R"(
name: keyed
params: {input: {type: path, required: true}}
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
  - {id: process, uses: dispatch, with: {processor: omr, template: sheet.yaml, workers: 1}}
  - {id: collect, uses: collect, with: {roster: class.csv}}
  - {id: csv, uses: csv, with: {file: marks.csv}}
finally:
  - {id: cleanup, uses: cleanup}
)");
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "3", "--seed", "3", "--out", "s.zip"})
                .status == 0);
    const ProgramResult first =
        runProgram(folder.path(), {"run", "p.yaml", "--input", "s.zip", "--batch-id", "b"});
    INFO(first.err);
    REQUIRE(first.status == 0);
    CHECK(scoreIn(folder.read("sheafline-data/batches/b/artifacts/marks.csv")) == "no score");
    const ProgramResult findings =
        runProgram(folder.path(), {"batches", "findings", "b", "--json"});
    CHECK(findings.out.find("\"problem\":\"missing_student\",\"student\":\"0000001\"") !=
          std::string::npos);
    CHECK(findings.out.find("\"problem\":\"unknown_student\"") != std::string::npos);

    std::filesystem::remove(folder / "s.zip");
    folder.write("wrong.yaml", "questions:\n  q1: A\n  q2: X\n");
    const ProgramResult wrong = runProgram(folder.path(), {"score", "b", "--key", "wrong.yaml"});
    CHECK(wrong.status == 2);
    CHECK(wrong.err.find("wrong.yaml:3:3: the key says 'X' for 'q2'") != std::string::npos);
    folder.write("key.yaml",
                 "questions: {q1..q60: {answer: A, bonus: all, points: 2}}\n"
                 "grades: [{from: 100%, grade: top}, {from: 0, grade: low}]\n");
    const ProgramResult scored =
        runProgram(folder.path(), {"score", "b", "--key", "key.yaml", "--reason", "appeal"});
    INFO(scored.err);
    REQUIRE(scored.status == 0);
    const std::string csv = folder.read("sheafline-data/batches/b/artifacts/marks.csv");
    CHECK(scoreIn(csv) == "120");
    CHECK(csv.find(",score,grade,name,confidence\n") != std::string::npos);
    CHECK(folder.read("sheafline-data/batches/b/artifacts/decisions.csv").find("appeal") !=
          std::string::npos);
    HistoryReader history(folder / "sheafline-data/history.db");
    CHECK(history.batch("b")->execution == 2);
    const ProgramResult bundle =
        runProgram(folder.path(), {"batches", "bundle", "b", "--out", "b.zip"});
    INFO(bundle.err);
    CHECK(bundle.status == 0);
    CHECK(bundle.err.find("Wrote b.zip with 3 artifacts") != std::string::npos);
    const ProgramResult elsewhere =
        runProgram(folder.path(), {"batches", "bundle", "b", "--out", "none/b.zip"});
    CHECK(elsewhere.status != 0);
    CHECK(elsewhere.err.find("cannot write none/b.zip") != std::string::npos);
    CHECK(folder.read("b.zip").find("results/marks.csv") != std::string::npos);
}
