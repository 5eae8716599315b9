// The stage `exec` through its built plugin and the test kit, with real programs.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/testing/stage_trial.h>

#include "pipeline/pipeline_loader.h"
#include "plugins/plugin_catalog.h"

using namespace sheafline;
using namespace sheafline::testing;

namespace {

const std::string kExec = SHEAFLINE_BINARY_DIR "/plugins/exec.so";

// A program that is a shell script.
GivenParam script(const std::string& text) {
    return GivenParam(std::vector<std::string>{"/bin/sh", "-c", text, "sh", "{sheets}", "{paths}"});
}

void addSheets(StageTrial& trial) {
    trial.addSheet("a \"b\".jpg", "1");
    trial.addSheet("c.jpg", "22");
    trial.addSheet("d.jpg", "333");
    trial.sheets().quarantine(3, "no QR code found");
}

Outcome outcomeOf(const std::string& text, GivenParams more = {}) {
    StageTrial trial(kExec, std::move(more));
    trial.set("command", script(text));
    addSheets(trial);
    return trial.run();
}

// The findings of a pipeline whose stage `exec`, or whose processor `command`, has this command.
std::string findingsOf(const std::string& command, bool processor = false) {
    static const PluginCatalog plugins{
        std::vector<std::filesystem::path>{SHEAFLINE_BINARY_DIR "/plugins"}};
    const std::string use = processor ? "uses: dispatch, with: {processor: command, columns: [a], "
                                      : "uses: exec, with: {";
    const std::string text =
        "name: p\nparams:\n  text: {type: string, default: a}\n  number: {type: integer, default: "
        "1}\n  tool: {type: file}\n  mine: {type: string, default: a, scope: operator}\n  "
        "input: {type: path, default: a}\nstages:\n  - {id: one, " +
        use + "command: " + command + "}}\n";
    try {
        parsePipeline(text, "/tmp/p.yaml", plugins);
        return "";
    } catch (const ConfigError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("exec shows the lines of its program as progress and keeps its artifacts") {
    StageTrial trial(kExec, {{"artifacts", {"always.txt"}}});
    trial.set("command", script(R"(
        echo '{"done": 1, "total": 2, "message": "half"}'
        echo 'a plain line'
        wc -l < "$2" > always.txt
        cp "$1" more.jsonl
        echo '{"artifact": "more.jsonl", "unknown": [1]}'
        printf '{"done": 2, "total": 2}')"));
    addSheets(trial);
    const Outcome outcome = trial.run();
    INFO(outcome.message);
    REQUIRE(outcome.code == "done");
    CHECK(trial.messages() == std::vector<std::string>{"half", "Running the program"});
    CHECK(trial.stageRun().progress().events().back().done == 2);
    CHECK(trial.stageRun().log().text() == "a plain line\n");
    CHECK(trial.artifact("always.txt") == "2\n");  // without the quarantined sheet
    CHECK_THAT(trial.artifact("more.jsonl"),
               Catch::StartsWith(R"({"number":1,"file":"a \"b\".jpg","page":1,"path":")"));
    CHECK_THAT(trial.artifact("more.jsonl"), Catch::Contains(R"("state":"quarantined")"));
}

TEST_CASE("a program of exec quarantines a sheet with its reason") {
    StageTrial trial(kExec);
    trial.set("command", script(R"(echo '{"sheet": 2, "reason": "blank"}')"));
    addSheets(trial);
    REQUIRE(trial.run().code == "done");
    CHECK(trial.sheets().at(2).state == SheetState::quarantined);
    CHECK(trial.sheets().at(2).reason == "blank");
}

TEST_CASE("exec replaces placeholders once, and gives its program a plain environment") {
    ::setenv("EXEC_TEST_GIVEN", "yes", 1);
    ::setenv("EXEC_TEST_HIDDEN", "yes", 1);
    StageTrial trial(kExec, {{"env", {"EXEC_TEST_GIVEN"}}});
    trial.set("command", GivenParam(std::vector<std::string>{
                             "/bin/sh", "-c",
                             "printf '%s|' \"$@\" $EXEC_TEST_GIVEN $EXEC_TEST_HIDDEN > out; pwd >> "
                             "out; cat >> out; echo "
                             "'{\"artifact\": \"out\"}'",
                             "sh", "{batch}", "--name={input}", "a {folder}", "{other}", "$(id)"}));
    trial.stageRun().nameInput("{folder}");
    REQUIRE(trial.run().code == "done");
    const std::string folder = trial.stageRun().folder().string();
    CHECK(trial.artifact("out") ==
          "batch-1|--name={folder}|a " + folder + "|{other}|$(id)|yes|" + folder + "\n");
}

TEST_CASE("exec reports a program that fails, with the last line of standard error") {
    const Outcome failed = outcomeOf("echo first >&2; echo 'no such model' >&2; exit 3");
    CHECK(failed.code == "PROGRAM_FAILED");
    CHECK_THAT(failed.message, Catch::Contains("status 3: no such model; correct"));
    CHECK_THAT(outcomeOf("exit 75").message, Catch::Contains("another attempt may succeed"));
    CHECK_THAT(outcomeOf("kill -SEGV $$").message, Catch::Contains("killed by SIGSEGV"));
}

TEST_CASE("exec rejects what a program must not print or leave") {
    struct Case {
        std::string script;
        std::string code;
        std::string text;
    };
    const std::vector<Case> cases{
        {R"(echo '{"artifact": "missing"}')", "PROGRAM_ARTIFACTS", "left no file 'missing'"},
        {R"(ln -s /etc/passwd link; echo '{"artifact": "link"}')", "PROGRAM_ARTIFACTS",
         "not a link"},
        {R"(mkdir f; echo '{"artifact": "f"}')", "PROGRAM_ARTIFACTS", "left no file 'f'"},
        {R"(echo '{"artifact": "../../../etc/passwd"}')", "PROGRAM_ARTIFACTS", "has no folders"},
        {R"(echo '{"artifact": ""}')", "PROGRAM_ARTIFACTS", "left no file"},
        {R"(i=0; while [ $i -lt 1100 ]; do echo "{\"artifact\": \"f$i\"}"; i=$((i+1)); done)",
         "PROGRAM_ARTIFACTS", "more than 1000 artifacts"},
        {R"(echo '{"sheet": 4, "reason": "x"}')", "PROGRAM_SHEET", "there are 3 sheets"},
        {R"(echo '{"sheet": 0}')", "PROGRAM_SHEET", "names sheet 0"},
        {R"(echo '{"sheet": 1.5}')", "PROGRAM_LINE", "not a whole number"},
        {R"(echo '{"done": "many"}')", "PROGRAM_LINE", "'done'"},
        {R"(echo '{"done": -1}')", "PROGRAM_LINE", "'done'"},
        {R"(echo '{"message": {"a": 1}}')", "PROGRAM_LINE", "'message'"},
        {R"(head -c 100000 /dev/zero | tr '\0' x)", "PROGRAM_FAILED", "a line of more than 65536"},
    };
    for (const Case& one : cases) {
        INFO(one.script);
        const Outcome outcome = outcomeOf(one.script);
        CHECK(outcome.code == one.code);
        CHECK_THAT(outcome.message, Catch::Contains(one.text));
    }
}

TEST_CASE("lines of a program that are not JSON objects are no error") {
    for (const char* line :
         {"{", "[1]", "{\"done\": }", "{}", "", "{\"done\": 1} x",
          "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
          "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}}}}}}"}) {
        INFO(line);
        CHECK(outcomeOf(std::string("printf '%s\\n' '") + line + "'").code == "done");
    }
}

TEST_CASE("exec prints much without keeping it in memory") {
    const Outcome outcome = outcomeOf("head -c 200000000 /dev/zero | tr '\\0' '\\n'");
    CHECK(outcome.code == "done");
}

TEST_CASE("exec checks before the batch runs that its program is there") {
    StageTrial trial(kExec, {{"command", {"no-such-program"}}});
    const Outcome outcome = trial.preflight();
    CHECK(outcome.code == "PROGRAM_MISSING");
    CHECK_THAT(outcome.message, Catch::Contains("in PATH; install it"));
}

TEST_CASE("the program of exec is found beside the pipeline file") {
    StageTrial trial(kExec, {{"command", {"./tools/count"}}, {"artifacts", {"made"}}});
    trial.write("tools/count", "#!/bin/sh\ntouch made\n");
    CHECK_THAT(trial.run().message, Catch::Contains("put it there"));  // it may not be executed
    std::filesystem::permissions(trial.folder() / "tools/count", std::filesystem::perms::owner_all);
    CHECK(trial.run().code == "done");
}

TEST_CASE("a program of exec cannot gain rights") {
    StageTrial trial(kExec, {{"artifacts", {"status"}}});
    trial.set("command", script("grep NoNewPrivs /proc/self/status > status"));
    REQUIRE(trial.run().code == "done");
    CHECK(trial.artifact("status") == "NoNewPrivs:\t1\n");
}

TEST_CASE("exec that is stopped ends its program at once") {
    StageTrial trial(kExec);
    trial.set("command", script(R"(echo '{"done": 1, "total": 2}'; exec sleep 3000)"));
    addSheets(trial);
    StageTrial counted(kExec);
    counted.set("command", script(R"(echo '{"done": 1, "total": 2}')"));
    addSheets(counted);
    REQUIRE(counted.run().code == "done");
    const auto calls = counted.calls();
    const auto at = std::find(calls.begin(), calls.end(), "progress.publish") - calls.begin();
    CHECK(trial.runStoppedAt(static_cast<int>(at) + 1).code == "CANCELLED");
}

TEST_CASE("exec gives the same result after a kill at each call") {
    const auto differences = differencesAfter(Interruption::kill, kExec, [](StageTrial& trial) {
        trial.set("command", script(R"(
            wc -l < "$2" > out.txt
            echo '{"sheet": 1, "reason": "blank"}'
            echo '{"artifact": "out.txt"}')"));
        trial.addSheet("a.jpg", "1");
    });
    std::string text;
    for (const std::string& difference : differences) text += difference + "\n";
    // The sheet was quarantined before the kill, so the next run does not list it.
    CHECK(text.empty());
}

TEST_CASE("a program, a script or an option never comes from what a user sets") {
    const bool processor = GENERATE(false, true);
    struct Case {
        std::string command;
        std::string text;  // of the finding; empty: the pipeline is valid
    };
    const std::vector<Case> cases{
        {R"(["${{ params.text }}"])", "the program comes from the param 'text'"},
        {R"(["/opt/${{ params.text }}/run"])", "the program comes from the param 'text'"},
        {R"(["${{ params.tool }}"])", "the program comes from the param 'tool'"},
        {R"(["${{ env.TOOL ?? params.text }}"])", "the program comes from the param 'text'"},
        {R"([sh, -c, "echo ${{ params.text }}"])", "the script contains the param 'text'"},
        {R"([/usr/bin/python3.11, -c, "print ${{ params.number }}"])", "the script contains"},
        {R"([env, A=1, bash, -ec, "${{ params.text }}"])", "the script contains"},
        {R"([perl, -ne, "${{ params.text }}"])", "the script contains"},
        {R"([node, --eval, "${{ params.text }}"])", "the script contains"},
        {R"([convert, "${{ params.text }}"])", "could take it for an option"},
        {R"([convert, "${{ params.text }}-${{ params.number }}"])", "could take it for an option"},
        {R"([convert, "--size=${{ params.text }}", "${{ params.number }}"])", ""},
        {R"([convert, "--", "${{ params.text }}"])", ""},
        {R"([convert, "${{ params.input }}", "${{ params.tool }}"])", ""},
        {R"([sh, -c, "convert $1", sh, "x${{ params.text }}"])", ""},
        {R"(["${{ params.mine }}", "${{ params.mine }}"])", ""},
        {R"([sh, -c, "${{ params.mine }}"])", ""},
        {R"(["${{ env.TOOL }}", "${{ batch.id }}"])", ""},
    };
    for (const Case& one : cases) {
        INFO(one.command);
        const std::string findings = findingsOf(one.command, processor);
        if (one.text.empty())
            CHECK(findings.empty());
        else
            CHECK_THAT(findings, Catch::StartsWith("/tmp/p.yaml:9:") && Catch::Contains(one.text));
    }
}
