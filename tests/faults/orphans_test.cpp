// Programs of the processor `command` and of the stage `exec` that hang, with children, sessions
// and daemons: none outlives its batch, however the batch ends.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "base/process_tree.h"
#include "hanging_batch.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;          // NOLINT(google-build-using-namespace)
using namespace sheafline::faults;  // NOLINT(google-build-using-namespace)

namespace {

// The same programs in the stage `exec`.
struct HangingStage : Hanging {
    HangingStage() {
        folder.write("p.yaml",
                     "name: hang\nstages:\n  - {id: make, uses: probe, with: {act: sheets, count: "
                     "1}}\n  - {id: hang, uses: exec, retry: {max_attempts: 1}, with: {command: "
                     "[./hang]}}\n");
        // The stage starts it in its own folder.
        const std::string script = kScript;
        folder.write(
            "hang", "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n" + script.substr(script.find('\n') + 1));
    }
};

// The oldest process below the owner at this depth: 1 guard and 2 worker of the batch process, 3
// guard and 4 worker of the worker process.
pid_t below(pid_t pid, int depth) {
    for (; depth > 0; --depth) pid = childrenOf(pid).at(0);
    return pid;
}

}  // namespace

TEST_CASE("no program outlives its batch, whatever is killed", "[F34][F39]") {
    const int depth = GENERATE(0, 1, 2, 3, 4);
    INFO("killed at depth " << depth);
    const Hanging batch;
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(batch.allRun());
    const std::set<pid_t> first = batch.programs();
    ::kill(below(program.pid(), depth), SIGKILL);
    // Everything is cleaned up at once, except after a kill of a worker's guard: then the end of
    // the batch cleans up.
    if (depth != 3) {
        CHECK(batch.allGone(first));
    }
    if (depth != 0) program.signal(SIGINT);
    program.wait();
    CHECK(batch.allGone());
}

TEST_CASE("a program ends with its batch when all processes of the batch are killed at once") {
    const Hanging batch("sheet_timeout: 1h, timeout: 1d",
                        "#!/bin/sh\nexec \"$(pwd)/hang-sleep\" 3000\n");
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(eventually([&] { return batch.programs().size() == 1; }));
    std::vector<pid_t> ours{program.pid()};
    for (int depth = 1; depth <= 4; ++depth) ours.push_back(below(program.pid(), depth));
    // Stopped first, so that none of them can notice the end of another one and act.
    for (const pid_t pid : ours) ::kill(pid, SIGSTOP);
    for (const pid_t pid : ours) ::kill(pid, SIGKILL);
    program.wait();
    CHECK(batch.allGone());
}

TEST_CASE("no program outlives a cancel, a termination or a second signal", "[F6]") {
    const std::vector<int> signals = GENERATE(std::vector<int>{SIGINT}, std::vector<int>{SIGTERM},
                                              std::vector<int>{SIGINT, SIGINT});
    const Hanging batch;
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(batch.allRun());
    for (const int signal : signals) program.signal(signal);
    program.wait();
    CHECK(batch.allGone());
}

// 0 the owner, 2 the batch process, 3 the program itself. The end of the guard between the owner
// and the batch process ends the program, but not what has left it: docs/pipeline-language.md says
// so.
TEST_CASE("no program of the stage exec outlives its batch, whatever is killed") {
    const int depth = GENERATE(0, 2, 3);
    INFO("killed at depth " << depth);
    const HangingStage batch;
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(batch.allRun());
    const std::set<pid_t> first = batch.programs();
    ::kill(below(program.pid(), depth), SIGKILL);
    if (depth == 3) {
        CHECK(program.wait().status == 1);  // the batch fails
    } else {
        CHECK(batch.allGone(first));
        if (depth != 0) program.signal(SIGINT);
        program.wait();
    }
    CHECK(batch.allGone());
}

TEST_CASE("no program of the stage exec outlives a cancel or a termination") {
    const int signal = GENERATE(SIGINT, SIGTERM);
    const HangingStage batch;
    Program program(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    REQUIRE(batch.allRun());
    program.signal(signal);
    program.wait();
    CHECK(batch.allGone());
}

TEST_CASE("no program outlives the time limit of its sheet", "[F35]") {
    const Hanging batch(GENERATE("sheet_timeout: 1500ms, timeout: 1d", "timeout: 1500ms"));
    const ProgramResult result =
        runProgram(batch.folder.path(), {"run", "p.yaml", "--batch-id", "b", "--json"});
    INFO(result.err);
    CHECK(result.status == 1);  // its only sheet is quarantined
    CHECK(batch.allGone());
}
