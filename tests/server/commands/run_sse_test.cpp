// `run --sse`: the stream, polling and status of a running batch, for users of this machine.
#include <atomic>
#include <signal.h>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "http_client.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr const char* kWaiting =
    "name: probes\nstages:\n  - {id: a, uses: probe, with: {act: wait}}\n";

}  // namespace

TEST_CASE("run --sse streams a batch from its first event to its final one, and polling agrees") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kWaiting);
    Program program(folder.path(),
                    {"run", "p.yaml", "--batch-id", "b", "--json", "--sse", "127.0.0.1:0"});
    const std::string stream = program.waitForLineAfter("stream: ");
    const HttpClient client(stream.substr(0, stream.find("/api/")));
    CHECK(stream == client.url() + "/api/batches/b/stream");
    REQUIRE(program.waitForOutput("waiting"));

    std::vector<StreamedEvent> events;
    std::atomic<bool> begun = false;
    std::thread watcher([&] { events = curlStream(stream, {}, &begun); });
    const Reply polled = client.get("/api/batches/b/progress");
    CHECK(polled.status == 200);
    CHECK(value(polled.body, "message") == "waiting");
    CHECK(polled.body.find("\"progress_percentage\":50.0,") != std::string::npos);
    CHECK(client.get("/api/batches/b/progress", {{"If-None-Match", polled.headers.at("etag")}})
              .status == 304);
    const Reply later = client.get("/api/batches/b/progress?after=1");
    CHECK(later.body.starts_with("{\"events\":[{"));
    CHECK(later.body.find("\"final\":false}") != std::string::npos);
    const Reply status = client.get("/api/batches/b/status");
    CHECK(value(status.body, "state") == "running");
    CHECK(status.body.find("\"progress\":" + polled.body) != std::string::npos);
    CHECK(client.get("/api/batches/other/stream").status == 404);
    CHECK(client.get("/api/batches/b/progress?before=1").status == 400);
    CHECK(client.send("POST", "/api/batches").status == 404);

    eventually([&] { return begun.load(); });
    program.signal(SIGINT);
    const ProgramResult result = program.wait();
    CHECK(result.status == 3);
    watcher.join();
    std::string seen;
    for (const StreamedEvent& event : events) seen += event.data + '\n';
    CHECK(seen == result.out);
    REQUIRE_FALSE(events.empty());
    CHECK(events.front().id == "1");
    CHECK(events.back().name == "error");
}

TEST_CASE("run --sse rejects addresses that other hosts can reach") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kWaiting);
    const auto result = runProgram(folder.path(), {"run", "p.yaml", "--sse", "0.0.0.0:0"});
    CHECK(result.status == 2);
    CHECK(result.err.find("loopback") != std::string::npos);
}
