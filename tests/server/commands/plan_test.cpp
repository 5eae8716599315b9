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

TEST_CASE("plan prints the same as one JSON object that its schema describes") {
    const TemporaryFolder folder;
    makeSheets(folder, "s.zip", "5");
    folder.write(
        "p.yaml",
        "name: p\nparams:\n  input: {type: path, required: true}\n  export: {type: boolean, "
        "default: false}\nstages:\n"
        "  - {id: extract, uses: extract, with: {archive: \"${{ params.input }}\"}}\n"
        "  - {id: process, uses: probe, with: {act: sheets, count: 1}, if: "
        "stages.extract.done > 0}\n"
        "  - {id: collect, uses: collect}\n"
        "  - {id: csv, uses: csv, if: params.export, with: {file: a.csv}}\n"
        "finally:\n  - {id: cleanup, uses: cleanup}\n");
    const auto plan = run(folder, {"plan", "p.yaml", "--input", "s.zip", "--json"});
    INFO(plan.out << plan.err);
    REQUIRE(plan.status == 0);
    CHECK(plan.out.starts_with(R"({"pipeline":"p","input":"s.zip","files":5,"stages":[{"id":)"));
    CHECK(plan.out.find(R"("id":"process","uses":"probe","runs":"decided_later","condition":)"
                        R"("stages.extract.done > 0","after_review":false,"at_end":false,)"
                        R"("seconds":null)") != std::string::npos);
    CHECK(plan.out.find(R"("id":"csv","uses":"csv","runs":"no","condition":"params.export")") !=
          std::string::npos);
    CHECK(plan.out.find(R"("at_end":true)") != std::string::npos);
    CHECK(plan.out.find(R"("time":{"seconds":null,"complete":false,"batches":0})") !=
          std::string::npos);
    if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) {
        WARN("skipped: python3-jsonschema is not installed");
        return;
    }
    folder.write("plan.json", plan.out);
    REQUIRE(run(folder, {"run", "omr-batch", "--input", "s.zip"}).status == 0);
    folder.write("known.json",
                 run(folder, {"plan", "omr-batch", "--input", "s.zip", "--json"}).out);
    folder.write("schema.json", run(folder, {"schema", "plan"}).out);
    const std::string check =
        "cd " + folder.path().string() +
        " && python3 -c \"import json, jsonschema; s = json.load(open('schema.json')); "
        "jsonschema.Draft7Validator.check_schema(s); "
        "plans = [json.load(open(f)) for f in ('plan.json', 'known.json')]; "
        "[jsonschema.validate(p, s) for p in plans]; "
        "assert plans[1]['time']['seconds'] > 0 and plans[1]['time']['complete']; "
        "assert plans[1]['disk']['fits']\"";
    CHECK(std::system(check.c_str()) == 0);
}

TEST_CASE("the checks of an environment are JSON objects on request") {
    const TemporaryFolder folder;
    makeSheets(folder, "s.zip", "1");
    const auto good =
        run(folder, {"validate", "omr-batch", "--environment", "--json", "--input", "s.zip"});
    INFO(good.out << good.err);
    CHECK(good.status == 0);
    CHECK(good.out.find(R"({"state":"ok","check":"secrets"})") != std::string::npos);
    const auto bad =
        run(folder, {"validate", "omr-batch", "--environment", "--json", "--input", "none.zip"});
    INFO(bad.out << bad.err);
    CHECK(bad.status == 2);
    CHECK(bad.out.find(R"({"state":"error","check":"file input","reason":)") != std::string::npos);
}
