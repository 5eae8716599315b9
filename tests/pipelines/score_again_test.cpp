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
