// Sinks that do what no sink should, in the owner's process and beside it.
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

TEST_CASE("a run ends although a sink hangs, and completes its batch") {
    const std::string act = GENERATE("hang_at_attach", "hang", "hang_at_close");
    INFO(act);
    const TemporaryFolder folder;
    folder.write("p.yaml", pipeline(act, "note: x"));
    const auto result = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"});
    INFO(result.out << result.err);
    CHECK(result.status == 0);
    HistoryReader history(folder / "sheafline-data/history.db");
    CHECK(history.batch("b")->state == BatchState::completed);
    CHECK((result.err.find("the sink b/nasty_sink#1 has not received all events") ==
           std::string::npos) == (act == "hang_at_close"));
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
