// `plan` and `init`, the first commands of somebody who begins.
#include <string>

#include <catch2/catch.hpp>

#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

const std::map<std::string, std::string> kInstalled{
    {"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines"}};

ProgramResult run(const TemporaryFolder& folder, const std::vector<std::string>& arguments) {
    return runProgram(folder.path(), arguments, kInstalled);
}

void makeSheets(const TemporaryFolder& folder, const std::string& name, const std::string& count) {
    REQUIRE(run(folder, {"sample", "--sheets", count, "--seed", "1", "--out", name}).status == 0);
}

}  // namespace

TEST_CASE("plan shows the stages, and estimates from earlier batches of the data folder") {
    const TemporaryFolder folder;
    makeSheets(folder, "few.zip", "3");
    makeSheets(folder, "many.zip", "12");
    const auto before = run(folder, {"plan", "omr-batch", "--input", "many.zip"});
    INFO(before.out << before.err);
    REQUIRE(before.status == 0);
    CHECK(before.out.starts_with("omr-batch with many.zip: 12 files, "));
    CHECK(before.out.find("Time: not known, because no batch") != std::string::npos);
    CHECK(before.out.find("0.0 kB artifacts") != std::string::npos);
    CHECK(before.out.find("cleanup   cleanup      not known  yes, at the end in any case") !=
          std::string::npos);
    CHECK_FALSE(std::filesystem::exists(folder / "sheafline-data"));  // nothing is written

    REQUIRE(run(folder, {"run", "omr-batch", "--input", "few.zip"}).status == 0);
    const auto after = run(folder, {"plan", "omr-batch", "--input", "many.zip"});
    INFO(after.out);
    CHECK(after.out.find("from 1 batch of this data folder") != std::string::npos);
    CHECK(after.out.find("not known") == std::string::npos);
    CHECK(after.out.find("0.0 kB artifacts") == std::string::npos);
}

TEST_CASE("plan says what a condition decides, and who waits") {
    const TemporaryFolder folder;
    makeSheets(folder, "s.zip", "2");
    folder.write(
        "p.yaml",
        "name: p\nparams:\n  input: {type: path, required: true}\n  export: {type: boolean, "
        "default: true}\nstages:\n"
        "  - {id: extract, uses: extract, with: {archive: \"${{ params.input }}\"}}\n"
        "  - {id: process, uses: probe, with: {act: sheets, count: 1}, if: "
        "stages.extract.done > 0}\n"
        "  - {id: collect, uses: collect}\n"
        "  - {id: csv, uses: csv, if: params.export, with: {file: a.csv}}\n"
        "review: {before: csv}\n");
    const auto yes = run(folder, {"plan", "p.yaml", "--input", "s.zip"});
    INFO(yes.out << yes.err);
    CHECK(yes.out.find("decided by earlier stages: stages.extract.done > 0") != std::string::npos);
    CHECK(yes.out.find("yes: params.export is true, after people have decided") !=
          std::string::npos);
    const auto no = run(folder, {"plan", "p.yaml", "--input", "s.zip", "--set", "export=false"});
    CHECK(no.out.find("no: params.export is false") != std::string::npos);
}

TEST_CASE("plan reports an input that is missing or damaged") {
    const TemporaryFolder folder;
    folder.write("cut.zip", "PK\3\4 and no more");
    for (const char* input : {"missing.zip", "cut.zip", "."}) {
        const auto result = run(folder, {"plan", "omr-batch", "--input", input});
        INFO(input << ": " << result.out << result.err);
        CHECK(result.status != 0);
        CHECK_FALSE(result.err.empty());
        CHECK(result.out.find("STAGE") == std::string::npos);
    }
}

TEST_CASE("init copies a pipeline with the files that it names, and replaces nothing") {
    const std::string pipeline = GENERATE("omr-batch", "omr-exam", "text-recognition");
    const TemporaryFolder folder;
    const auto made = run(folder, {"init", "start", "--from", pipeline});
    INFO(made.out << made.err);
    REQUIRE(made.status == 0);
    CHECK(run(folder, {"validate", "start/pipeline.yaml"}).status == 0);
    CHECK(folder.read("start/pipeline.yaml").starts_with("# yaml-language-server: $schema="));
    CHECK(folder.read("start/pipeline.schema.json").find("\"$schema\"") != std::string::npos);
    if (pipeline == "omr-exam") {
        makeSheets(folder, "s.zip", "3");
        CHECK(run(folder, {"run", "start/pipeline.yaml", "--input", "s.zip"}).status == 0);
    }
    folder.write("start/pipeline.yaml", "mine");
    const auto again = run(folder, {"init", "start", "--from", pipeline});
    CHECK(again.status == 2);
    CHECK(again.err.find("exists; name another folder") != std::string::npos);
    CHECK(folder.read("start/pipeline.yaml") == "mine");
}

TEST_CASE("a TMPDIR that is not a folder is an error with the remedy") {
    const TemporaryFolder folder;
    makeSheets(folder, "s.zip", "1");
    folder.write("file", "");
    for (const char* name : {"missing", "file"}) {
        const std::string place = folder / name;
        const auto result = runProgram(
            folder.path(), {"validate", "omr-batch", "--environment", "--input", "s.zip"},
            {{"TMPDIR", place}, {"SHEAFLINE_PIPELINES_DIR", SHEAFLINE_SOURCE_DIR "/pipelines"}});
        CHECK(result.status == 2);
        CHECK(result.err == "the environment variable TMPDIR names '" + place +
                                "', which is not a folder; create it, or name another one\n");
    }
}
