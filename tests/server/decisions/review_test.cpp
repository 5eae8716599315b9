// A batch that waits for people before a stage, and what ends its waiting.
#include <string>

#include <catch2/catch.hpp>

#include "decisions/results_table.h"
#include "decisions/waiting_batch.h"

using namespace sheafline::test;

TEST_CASE("a batch in review waits over a restart, and an apply continues the same execution") {
    Waiting batch("review: {before: collect}");
    CHECK(batch.state() == "reviewing");
    CHECK(batch.get("/artifacts/demo.csv").find("NO_SUCH_ARTIFACT") != std::string::npos);
    batch.start();
    CHECK(batch.state() == "reviewing");
    batch.confirmAll();
    CHECK(batch.post("/decisions/apply", "") == 202);
    CHECK(batch.server->stream(batch.id, batch.admin).back().name == "complete");
    CHECK(value(batch.get("/status"), "execution") == "1");
    CHECK(batch.get("/artifacts/demo.csv").find(":by_hand") != std::string::npos);
    CHECK(value(batch.get(""), "answers_doubtful") == "0");
    CHECK(batch.get("/artifacts/decisions.csv").find(",confirm,") != std::string::npos);
}

TEST_CASE("a batch in review goes back to waiting while something is open, until people continue") {
    const Waiting batch("review: {before: csv}");
    const std::string open = value(batch.get(""), "answers_doubtful");
    const auto first =
        objectOf(batch.get("/answers?state=doubtful"))->getArray("items")->getObject(0);
    REQUIRE(batch.post("/decisions", R"([{"sheet":)" + first->getValue<std::string>("sheet") +
                                         R"(,"field":")" + first->getValue<std::string>("field") +
                                         R"(","confirm":true}])") == 201);
    const std::string seq = value(batch.get(""), "seq");
    CHECK(batch.post("/decisions/apply", "") == 202);
    CHECK(sheafline::eventually(
        [&] { return batch.state() == "reviewing" && value(batch.get(""), "seq") != seq; }));
    CHECK(value(batch.get(""), "answers_doubtful") == std::to_string(std::stoi(open) - 1));
    CHECK(batch.get("/artifacts/decisions.csv").find(",confirm,") != std::string::npos);
    REQUIRE(batch.post("/decisions", R"([{"continue":true}])") == 201);
    CHECK(batch.post("/decisions/apply", "") == 202);
    CHECK(batch.server->stream(batch.id, batch.admin).back().name == "complete");
    // `lines` had ended before the review, and `collect` too.
    const std::string by_hand = first->getValue<std::string>("field") + ":by_hand";
    CHECK(batch.get("/artifacts/demo.csv").find(by_hand) != std::string::npos);
    CHECK(batch.get("/artifacts/demo.jsonl").find(by_hand) != std::string::npos);
}

TEST_CASE("a review that takes longer than its timeout fails the batch, and its cleanup runs") {
    const Waiting batch("review: {before: collect, timeout: 1s}");
    const auto events = batch.server->stream(batch.id, batch.admin);
    CHECK(events.back().name == "error");
    CHECK(events.back().data.find("REVIEW_TIMEOUT") != std::string::npos);
    CHECK(batch.state() == "failed");
}

TEST_CASE("a batch in review can be cancelled, and uses no place among the running batches") {
    const Waiting batch("review: {before: collect}");
    // The process of the batch ends a moment after its event.
    CHECK(sheafline::eventually([&] {
        return value(batch.server->client().get("/api/system", batch.admin).body, "running") == "0";
    }));
    CHECK(batch.post("/cancel", "") == 202);
    CHECK(batch.server->stream(batch.id, batch.admin).back().name == "error");
    CHECK(batch.state() == "cancelled");
}

TEST_CASE("a batch that fails or is cancelled after a review keeps the trail of its decisions") {
    const std::string end = GENERATE("cancel", "continue");
    const Waiting batch("review: {before: csv}", R"(
  - {id: load, uses: db_load, needs: [csv],
     with: {url: "${{ params.database }}", table: t}})");
    // The stage after the review fails: its table has other columns.
    onResults(batch.site, *batch.server, batch.id, "CREATE TABLE t(x INTEGER)");
    const Doubt first = batch.firstDoubt();
    REQUIRE(batch.post("/decisions", R"([{"sheet":)" + std::to_string(first.sheet) +
                                         R"(,"field":")" + first.field +
                                         R"(","confirm":true},{"continue":true}])") == 201);
    CHECK(batch.post(end == "cancel" ? "/cancel" : "/decisions/apply", "") == 202);
    CHECK(batch.server->stream(batch.id, batch.admin).back().name == "error");
    const std::string state = end == "cancel" ? "pending" : "applied";
    CHECK_THAT(batch.get("/artifacts/decisions.csv"),
               Catch::Contains("," + first.field + ",confirm,") && Catch::Contains(state));
}

TEST_CASE("run leaves a batch in review with status 5, and decide continues it") {
    const Site site;
    site.folder.write("reviewed.yaml", reviewedPipeline("review: {before: collect}"));
    const auto run = [&](const std::vector<std::string>& arguments) {
        return sheafline::runProgram(site.folder.path(), arguments);
    };
    REQUIRE(run({"sample", "--sheets", "3", "--profile", "hard", "--out", "b.zip"}).status == 0);
    const auto left = run({"run", "reviewed.yaml", "--input", "b.zip", "--batch-id", "b"});
    CHECK(left.status == 5);
    CHECK(left.err.find("sheafline decide b") != std::string::npos);
    CHECK(run({"resume", "b"}).status == 2);
    site.folder.write("go.csv", "continue\ntrue\n");
    const auto done = run({"decide", "b", "--file", "go.csv", "--apply"});
    INFO(done.err);
    CHECK(done.status == 0);
}

TEST_CASE("decide returns with status 5 when a server's batch goes back to its review") {
    const Waiting batch("review: {before: csv}");
    const Doubt first = batch.firstDoubt();
    batch.site.folder.write("d.csv", "sheet,field,confirm\n" + std::to_string(first.sheet) + "," +
                                         first.field + ",true\n");
    const auto run = [&](const std::vector<std::string>& arguments) {
        return sheafline::runProgram(batch.site.folder.path(), arguments);
    };
    const auto left = run({"decide", batch.id, "--file", "d.csv", "--apply"});
    INFO(left.err);
    CHECK(left.status == 5);
    CHECK(left.err.find("sheafline decide " + batch.id) != std::string::npos);
    CHECK(batch.state() == "reviewing");
}

TEST_CASE("a sheet of a batch in review is fixed in the same execution") {
    const Site site;
    site.folder.write("reviewed.yaml", reviewedPipeline("review: {before: csv}"));
    const auto run = [&](const std::vector<std::string>& arguments) {
        return sheafline::runProgram(site.folder.path(), arguments);
    };
    REQUIRE(run({"sample", "--sheets", "4", "--bad-cases", "--out", "b.zip"}).status == 0);
    REQUIRE(run({"run", "reviewed.yaml", "--input", "b.zip", "--batch-id", "b"}).status == 5);
    const std::string sheet =
        value(run({"sheets", "b", "--state", "quarantined", "--json"}).out, "sheet");
    const auto count = [&](const std::string& key) {
        return value(run({"batches", "--json"}).out, key);
    };
    const int quarantined = std::stoi(count("sheets_quarantined"));
    const auto fixed = run({"sheets", "fix", "b", sheet, "--discard"});
    INFO(fixed.err);
    CHECK(fixed.status == 5);
    CHECK(count("execution") == "1");
    CHECK(count("sheets_discarded") == "1");
    CHECK(count("sheets_quarantined") == std::to_string(quarantined - 1));
    CHECK(run({"sheets", "fix", "b", sheet, "--discard"}).status == 2);
}

TEST_CASE("resume ends a review whose timeout is over, and an apply still makes decisions count") {
    const Site site;
    site.folder.write("reviewed.yaml", reviewedPipeline("review: {before: collect, timeout: 1s}"));
    const auto run = [&](const std::vector<std::string>& arguments) {
        return sheafline::runProgram(site.folder.path(), arguments);
    };
    REQUIRE(run({"sample", "--sheets", "3", "--profile", "hard", "--out", "b.zip"}).status == 0);
    REQUIRE(run({"run", "reviewed.yaml", "--input", "b.zip", "--batch-id", "b"}).status == 5);
    CHECK(sheafline::eventually([&] {
        return run({"batches", "show", "b"}).out.find("sheafline resume b") != std::string::npos;
    }));
    const auto ended = run({"resume", "b"});
    INFO(ended.err);
    CHECK(ended.status == 1);
    CHECK(run({"batches", "show", "b"}).out.find("REVIEW_TIMEOUT") != std::string::npos);
    site.folder.write("go.csv", "continue\ntrue\n");
    CHECK(run({"decide", "b", "--file", "go.csv", "--apply"}).status == 0);
}
