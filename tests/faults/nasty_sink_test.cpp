// Sinks that misbehave, in the owner's process and in processes beside it.
#include <csignal>
#include <string>

#include <catch2/catch.hpp>

#include "history/history_reader.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::string pipeline(const std::string& act, const std::string& stage) {
    return "name: nasty\nstages:\n  - {id: a, uses: probe, with: {" + stage +
           "}}\nsinks:\n  - {uses: nasty_sink, with: {act: " + act + "}}\n";
}

}  // namespace

TEST_CASE("a run ends and completes its batch although a sink hangs or crashes") {
    const std::string act = GENERATE("hang_at_start", "hang_at_attach", "hang", "hang_at_close",
                                     "stop", "segv", "exit", "socket", "throw_int");
    INFO(act);
    const TemporaryFolder folder;
    folder.write("p.yaml", pipeline(act, "note: x"));
    const auto result = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    HistoryReader history(folder / "sheafline-data/history.db");
    CHECK(history.batch("b")->state == BatchState::completed);
    CHECK((result.err.find("sink b/nasty_sink#1") == std::string::npos) ==
          (act == "hang_at_close"));
}

TEST_CASE("a server whose pipelines' sinks hang names them in /readyz and stops on SIGTERM") {
    const Site site;
    site.folder.write("pipelines/nasty.yaml", pipeline("hang", "act: wait"));
    RunningServer server(site, "0", {{"SHEAFLINE_PIPELINE_SINKS", "jsonl,nasty_sink"}});
    const Headers admin = server.signInAdmin();
    const std::string first = server.create("nasty", admin);
    CHECK(server.waitForStage(first, "queued", admin));
    CHECK(eventually([&] {
        const Reply ready = server.client().get("/readyz");
        return ready.status == 200 && ready.body.find("SINK_HUNG") != std::string::npos;
    }));
    server.program().signal(SIGTERM);
    CHECK(server.program().wait().status == 0);
}

TEST_CASE(
    "a sink whose process is lost five times is switched off with an event, for all batches") {
    struct Case {
        const char* act;
        const char* reason;
    };
    const Case one = GENERATE(Case{"segv", "killed by SIGSEGV"}, Case{"exit", "exit status 0"},
                              Case{"socket", "a message between processes has a wrong length"});
    INFO(one.act);
    const Site site;
    site.folder.write("pipelines/nasty.yaml", pipeline(one.act, "act: wait"));
    RunningServer server(site, "0",
                         {{"SHEAFLINE_PIPELINE_SINKS", "jsonl,nasty_sink"},
                          {"SHEAFLINE_MAX_RUNNING", "3"},  // a user runs two at the same time
                          {"ASAN_OPTIONS", "handle_segv=0:detect_leaks=0"},
                          {"TSAN_OPTIONS", "handle_segv=0"}});
    const Headers admin = server.signInAdmin();
    const auto saysOff = [&](const std::string& batch) {
        const std::string events = server.client().get(at(batch, "/progress?after=0"), admin).body;
        return events.find("/nasty_sink#1 is switched off") != std::string::npos &&
               events.find(one.reason) != std::string::npos;
    };
    for (int i = 0; i < 2; ++i) {
        const std::string batch = server.create("nasty", admin);
        CHECK(eventually([&] { return saysOff(batch); }));
    }
    CHECK(server.client().get("/readyz").body.find("SINK_OFF") != std::string::npos);
    server.program().signal(SIGTERM);
    CHECK(server.program().wait().status == 0);
}
