// Work orders, work keys and the records of workers, on a real Redis.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "work_fixture.h"

using namespace sheafline;
using namespace sheafline::work;
using namespace sheafline::work::test;

TEST_CASE("a work order arrives complete, with its files and their checksums") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    auto source = worker(redis, "w");
    const auto read = source.order(window.order().run);
    REQUIRE(read.has_value());
    const WorkOrder& given = window.order();
    CHECK(read->parcel.processor.name == "probe");
    CHECK(read->parcel.processor.params == given.parcel.processor.params);
    CHECK(read->parcel.version == "1.0.0");
    REQUIRE(read->parcel.files.size() == 1);
    CHECK(read->parcel.files[0].bytes == given.parcel.files[0].bytes);
    CHECK(read->columns == given.columns);
    CHECK(read->lease == given.lease);
    CHECK(read->sheets == SheetWay::http);

    const std::string files = "sheafline:work:" + given.run + ":files";
    redis.cli("HSET " + files + " plus/number 8");
    CHECK_THROWS_WITH(source.order(given.run), Catch::Contains("'plus/number'"));
    // Only the versions of another program's order are read.
    WorkSource older(to(redis), "o", "0.0.9", key());
    CHECK(older.order(given.run)->parcel.program == "0.1.0");
}

TEST_CASE("a file of a work order cannot be written outside its folder") {
    const auto name = GENERATE(as<std::string>{}, "../x", "/etc/x", "a/../../x", "", "a//x");
    WorkOrder bad = order();
    bad.parcel.files = {{.name = name, .bytes = "x"}};
    std::map<std::string, std::string> fields;
    const auto all = fieldsOf(bad, key());
    for (std::size_t i = 0; i < all.size(); i += 2) fields[all[i]] = all[i + 1];
    CHECK_THROWS_WITH(readOrder(bad.run, fields, {{name, "x"}}, "0.1.0", key()),
                      Catch::Contains("has a file with the name"));
}

TEST_CASE("a work order with a wrong field is rejected with the name of the field") {
    WorkOrder good = order();
    good.parcel.files.clear();
    std::map<std::string, std::string> fields;
    const auto all = fieldsOf(good, key());
    for (std::size_t i = 0; i < all.size(); i += 2) fields[all[i]] = all[i + 1];
    const auto name = GENERATE(as<std::string>{}, "columns", "files", "lease_ms", "sheets");
    const auto value = GENERATE(as<std::string>{}, "", "[", "{}", "7.5", "[null]", "[\"a\"");
    fields[name] = value;
    signFields(good.run, fields, key());
    CHECK_THROWS_WITH(readOrder(good.run, fields, {}, "0.1.0", key()), Catch::Contains(name));
}

TEST_CASE("keys that a lost stage left in Redis expire, and the next run replaces them") {
    const RedisServer redis;
    WorkWindow first(to(redis), order(), key());
    first.open();
    REQUIRE(first.give(tasks(2)));
    const std::string keys = "sheafline:work:" + first.order().run;
    for (const char* key : {"", ":files", ":sheets"})
        CHECK(std::stoi(redis.cli("PTTL " + keys + key)) > 0);
    WorkWindow next(to(redis), order(), key());
    WorkWindow other(to(redis), order("c"), key());
    other.open();
    next.open();
    auto source = worker(redis, "w");
    const auto runs = source.runs();
    CHECK(runs.size() == 2);
    CHECK(std::ranges::count(runs, first.order().run) == 0);
    CHECK(take(source, next.order().run).empty());
}

TEST_CASE("a worker that is silent for three heartbeats is listed as lost") {
    const RedisServer redis;
    redis::Connection connection(to(redis));
    auto source = worker(redis, "host.1.2");
    WorkerRecord record{.state = "working",
                        .program = "0.1.0",
                        .processors = {{"omr", "1.0.0"}},
                        .concurrency = 2,
                        .done = 7,
                        .rate_per_second = 1.5,
                        .heartbeat = 100ms,
                        .sheets = {{.batch = "b", .sheet = 4, .attempt = 1, .seconds = 0.25}},
                        .rejects = {{.batch = "c", .reason = "has no processor \"x\""}}};
    source.tell(record);
    auto list = workerRecords(connection);
    REQUIRE(list.size() == 1);
    CHECK(list[0].state == "working");
    record.name = "host.1.2";
    record.seen_seconds_ago = list[0].seen_seconds_ago;
    CHECK(jsonOf(list[0]) == jsonOf(record));
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (list[0].state != "lost" && std::chrono::steady_clock::now() < deadline)
        list = workerRecords(connection);
    CHECK(list[0].state == "lost");
    source.leave();
    CHECK(workerRecords(connection).empty());
}

TEST_CASE("a server's offer of sheets is found as long as the server lives") {
    const RedisServer redis;
    redis::Connection connection(to(redis));
    CHECK_FALSE(offeredSheets(connection, "b", key()).has_value());
    offerSheets(connection, "b", {.url = "http://10.0.0.1:8000", .token = "a.b.c"}, 60s, key());
    CHECK(offeredSheets(connection, "b", key())->url == "http://10.0.0.1:8000");
    CHECK(offeredSheets(connection, "b", key())->token == "a.b.c");
    CHECK(std::stoi(redis.cli("PTTL sheafline:work:offer:b")) > 0);
}

TEST_CASE("without the key, nothing that is written into Redis reaches a worker or a batch") {
    const RedisServer redis;
    const TemporaryFolder folder;
    const WorkKey foreign(folder / "work.key");
    WorkWindow attacker(to(redis), order("evil"), foreign);
    attacker.open();
    REQUIRE(attacker.give(tasks(1)));
    auto source = worker(redis, "w");
    CHECK_THROWS_WITH(source.order(attacker.order().run),
                      Catch::Contains("is signed with another work key"));
    CHECK(take(source, attacker.order().run).empty());

    WorkWindow window(to(redis), order(), key());
    window.open();
    const std::string run = window.order().run;
    const std::string hash = "sheafline:work:" + run;
    REQUIRE(source.order(run).has_value());
    SECTION("a changed order is rejected") {
        redis.cli("HSET " + hash + " processor command");
        CHECK_THROWS_WITH(source.order(run), Catch::Contains("is signed with another work key"));
    }
    SECTION("an order without its signature is rejected") {
        redis.cli("HDEL " + hash + " signature");
        CHECK_THROWS_WITH(source.order(run), Catch::Contains("is not signed"));
    }
    SECTION("an order under the name of another run is rejected") {
        redis.cli("COPY " + hash + " sheafline:work:b.1.other");
        redis.cli("COPY " + hash + ":files sheafline:work:b.1.other:files");
        CHECK_THROWS_WITH(source.order("b.1.other"),
                          Catch::Contains("is signed with another work key"));
    }
    SECTION("a sheet and an outcome that nobody signed are ignored") {
        redis.cli("XADD " + hash +
                  ":sheets '*' sheet 9 attempt 1 path /etc/passwd bytes 1 page 1 "
                  "qr x group y signature 00");
        CHECK(take(source, run).empty());
        redis.cli("XADD " + hash +
                  ":outcomes '*' sheet 1 attempt 1 kind read reading x signature 0");
        CHECK(outcomes(window).empty());
    }
    SECTION("an offer of another server is ignored") {
        redis::Connection connection(to(redis));
        offerSheets(connection, "b", {.url = "http://evil", .token = "t"}, 60s, foreign);
        CHECK_FALSE(offeredSheets(connection, "b", key()).has_value());
    }
}

TEST_CASE("a work key is created once, for its owner alone, and a wrong one is named") {
    const TemporaryFolder folder;
    const auto file = folder / "config/sheafline/work.key";
    const WorkKey first(file);
    const WorkKey second(file);
    CHECK(second.verifies(first.sign({"a", "b"}), {"a", "b"}));
    CHECK_FALSE(second.verifies(first.sign({"a", "b"}), {"ab", ""}));
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    CHECK_THROWS_WITH(WorkKey(file), Catch::Contains("can be read by other users; run: chmod 600"));
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    folder.write("config/sheafline/work.key", "short\n");
    CHECK_THROWS_WITH(WorkKey(file), Catch::Contains("is not 64 hexadecimal digits"));
}
