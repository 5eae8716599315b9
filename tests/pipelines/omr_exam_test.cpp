// The pipeline for exams from a ZIP to the report, the Excel file and JSON Lines.
#include <filesystem>
#include <sstream>
#include <string>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <catch2/catch.hpp>

#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

TEST_CASE("the pipeline for exams writes the report, the Excel file and JSON Lines") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"sample", "--sheets", "30", "--seed", "4", "--out", "s.zip"})
                .status == 0);
    const auto result = runProgram(
        folder.path(), {"run", SHEAFLINE_SOURCE_DIR "/pipelines/omr-exam.yaml", "--input", "s.zip",
                        "--batch-id", "b", "--set", "exam=math", "--json"});
    INFO(result.err << result.out);
    REQUIRE(result.status == 0);
    const std::string artifacts = "sheafline-data/batches/b/artifacts/";
    const auto analysis = Poco::JSON::Parser()
                              .parse(folder.read(artifacts + "analysis.json"))
                              .extract<Poco::JSON::Object::Ptr>();
    CHECK(analysis->getValue<std::string>("title") == "Exam math");
    const auto analyzed = analysis->getObject("sheets")->getValue<int>("analyzed");
    CHECK(analyzed >= 29);
    CHECK(analysis->getArray("questions")->size() == 60);
    CHECK(analysis->getArray("classes")->size() >= 1);

    // The mean of the report is that of the column `score`.
    std::istringstream lines(folder.read(artifacts + "math.jsonl"));
    double sum = 0;
    int rows = 0;
    for (std::string line; std::getline(lines, line); ++rows) {
        const auto row = Poco::JSON::Parser().parse(line).extract<Poco::JSON::Object::Ptr>();
        if (row->getValue<std::string>("status") == "read") sum += row->getValue<double>("score");
    }
    CHECK(rows == 30);
    CHECK(analysis->getObject("exam")->getValue<double>("mean") == Approx(sum / analyzed));
    CHECK(folder.read(artifacts + "analysis.html").starts_with("<!DOCTYPE html>"));
    CHECK(folder.read(artifacts + "math.xlsx").starts_with("PK"));
}
