// The settings and the log, as an operator of `serve` uses them.
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

ProgramResult serveWith(const Site& site, const std::string& config,
                        const std::map<std::string, std::string>& environment = {}) {
    site.folder.write("s.conf", config);
    return runProgram(site.folder.path(),
                      {"serve", "--config", "s.conf", "--listen", "127.0.0.1:0"}, environment);
}

}  // namespace

TEST_CASE("serve rejects a wrong configuration with its line, exit 2") {
    const Site site;
    const std::vector<std::pair<std::string, std::string>> cases{
        {"max-running 4\n", "s.conf:1: expected 'key = value'"},
        {"keep-days = 1\nkeep-days = 2\n", "s.conf:2: 'keep-days' is already set in line 1"},
        {"\ncors-origins = https://a.example https://b.example/\n",
         "s.conf:2: cors-origins: browsers do not send the origin 'https://b.example/'"},
        {"trusted-proxies = 10.0.0.0/99\n", "s.conf:1: trusted-proxies: "},
        {"worker-url = ftp://x\n", "s.conf:1: worker-url: must be a URL"},
        {"log-level = loud\n", "s.conf:1: log-level: unknown value 'loud'"},
        {"batch-memory = 1KiB\n", "s.conf:1: batch-memory: must be a size of at least 64MiB"},
        {"set.no_such = 1\n", "s.conf:1: no pipeline has the param of set.no_such"},
        {"pipeline-sinks = jsonll\n", "there is no sink 'jsonll'; did you mean 'jsonl'?"}};
    const std::map<std::string, std::string> pipelines{{"SHEAFLINE_PIPELINES_DIR", "pipelines"}};
    for (const auto& [config, message] : cases) {
        const auto result = serveWith(site, config, pipelines);
        INFO(result.err);
        CHECK(holds(result.err, message));
        CHECK(result.status == 2);
    }
    const auto variable = serveWith(site, "", {{"SHEAFLINE_CORS_ORIGINS", "app.example"}});
    CHECK(holds(variable.err,
                "SHEAFLINE_CORS_ORIGINS: cors-origins: 'app.example' is not an origin"));
    CHECK(variable.status == 2);
}

TEST_CASE("the configuration sets params that HTTP clients must not set") {
    const Site site;
    site.folder.write(
        "pipelines/noted.yaml",
        "name: noted\nparams:\n  text: {type: string, scope: operator, default: none}\n"
        "  count: {type: integer, scope: operator, default: 1, min: 1}\n"
        "stages:\n  - {id: a, uses: probe, with: {note: '${{ params.text }} "
        "${{ params.count }}'}}\n");
    site.folder.write("s.conf",
                      "set.text = all\nset.noted.text = hers # for one pipeline\nset.count = 7\n");
    {
        RunningServer server(site, "0", {}, {"--config", "s.conf"});
        const Headers admin = server.signInAdmin();
        CHECK(server.post("/api/batches", R"({"pipeline":"noted","params":{"text":"mine"}})", admin)
                  .status == 422);
        const std::string batch = server.create("noted", admin);
        server.stream(batch, admin);
        CHECK(holds(site.folder.read(stored("batches/" + batch + "/notes")), "hers 7"));
    }
    const auto wrong =
        serveWith(site, "set.noted.count = 0\n", {{"SHEAFLINE_PIPELINES_DIR", "pipelines"}});
    CHECK(holds(wrong.err, "s.conf:1: set.noted.count: "));
    CHECK(wrong.status == 2);
}

TEST_CASE("the log of serve records start, stop and the result of every batch") {
    const Site site;
    RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string good = server.create("squares", admin);
    server.stream(good, admin);
    const std::string bad = server.create("fails", admin);
    server.stream(bad, admin);
    server.program().signal(SIGTERM);
    const std::string log = server.program().wait().err;
    INFO(log);
    CHECK_THAT(log,
               Catch::Contains(" info server started version=\"sheafline ") &&
                   Catch::Contains(" url=http://127.0.0.1:") &&
                   Catch::Contains(" info batch started batch=" + good +
                                   " pipeline=squares execution=1 user=admin") &&
                   Catch::Contains(" info batch completed batch=" + good +
                                   " pipeline=squares sheets=40 quarantined=0\n") &&
                   Catch::Contains(" warning batch failed batch=" + bad + " pipeline=fails ") &&
                   Catch::Contains(" info server stops because of SIGTERM\n") &&
                   Catch::Contains(" info server stopped\n"));
    const auto failed = log.substr(log.find("warning batch failed"));
    CHECK_THAT(failed.substr(0, failed.find('\n')), Catch::Contains(" code=") &&
                                                        Catch::Contains(" stage=") &&
                                                        Catch::Contains(" error="));
}

TEST_CASE("the log is one JSON object per line when it is asked for, at every end of a batch") {
    const TemporaryFolder folder;
    folder.write("p.yaml", "name: p\nstages:\n  - {id: a, uses: probe, with: {act: fail}}\n");
    const auto result = runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b",
                                                   "--log-format", "json", "--log-level", "info"});
    CHECK(holds(result.err,
                R"("level":"info","message":"batch started","batch":"b","pipeline":"p")"));
    CHECK(holds(result.err, R"("level":"warning","message":"batch failed","batch":"b")"));
    CHECK(holds(result.err, R"("stage":"a")"));
    const auto one = runProgram(folder.path(), {"run", "p.yaml", "--log-format", "xml"});
    CHECK(holds(one.err, "--log-format: unknown value 'xml'"));
    CHECK(one.status == 2);
}
