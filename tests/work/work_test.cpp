// The rules of work in Redis, on a real server: who holds a sheet, and who may answer for it.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/work/sheet_offer.h>
#include <sheafline/work/work_source.h>
#include <sheafline/work/work_window.h>

#include "redis_server.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::work;
using namespace std::chrono_literals;
using sheafline::test::RedisServer;

namespace {

constexpr auto kShort = 30ms;  // a lease of a test

redis::ConnectionOptions to(const RedisServer& server) {
    return {.url = redis::parseRedisUrl(server.url()), .name = "work-test"};
}

const WorkKey& key() {
    static const TemporaryFolder folder;
    static const WorkKey made(folder / "work.key");
    return made;
}

WorkOrder order(const std::string& batch = "b") {
    return {.run = newRun(batch, 1),
            .batch = batch,
            .parcel = {.processor = {.name = "probe",
                                     .params = {{"plus", {.text = "plus/number"}},
                                                {"list", {.list = {"a", "b"}, .is_list = true}}}},
                       .version = "1.0.0",
                       .program = "0.1.0",
                       .files = {{.name = "plus/number", .bytes = std::string("7\0\n", 3)}}},
            .columns = {"square"},
            .sheet_timeout = 5s,
            .memory_bytes = 1000,
            .lease = 300ms,
            .sheets = SheetWay::http};
}

std::vector<SheetTask> tasks(int count) {
    std::vector<SheetTask> all;
    for (int i = 1; i <= count; ++i)
        all.push_back({.number = i, .path = "/no/such/" + std::to_string(i), .qr = "A 1"});
    return all;
}

WorkSource worker(const RedisServer& server, const std::string& name) {
    return {to(server), name, "0.1.0", key()};
}

std::vector<TakenSheet> take(WorkSource& source, const std::string& run, std::size_t count = 10) {
    return source.take(std::vector<std::string>{run}, count, 0ms);
}

bool answer(WorkSource& source, const TakenSheet& sheet, const std::string& value = "1") {
    const std::vector<Answer> one{{.sheet = sheet, .reading = {.values = {value}}}};
    return source.answer(one).at(0);
}

// "1@1 read 4" for each: sheet, attempt, kind, and what was read or why not.
std::string outcomes(WorkWindow& window) {
    std::string text;
    for (const WorkOutcome& outcome : window.take(0ms)) {
        const bool read = outcome.kind == WorkOutcome::Kind::read;
        text += std::to_string(outcome.sheet) + "@" + std::to_string(outcome.attempt) +
                (read ? " read " + outcome.reading.values.at(0) : " " + outcome.reading.reason) +
                "\n";
    }
    return text;
}

// Until the lease of whatever was taken before has run out.
std::vector<TakenSheet> takenOver(WorkSource& source, const std::string& run) {
    std::vector<TakenSheet> sheets;
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (sheets.empty() && std::chrono::steady_clock::now() < deadline)
        sheets = source.takeOver(run, kShort, 10);
    return sheets;
}

}  // namespace

TEST_CASE("a sheet is given to one worker, and its outcome arrives once") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    REQUIRE(window.give(tasks(3)));
    const std::string run = window.order().run;
    auto a = worker(redis, "a");
    auto b = worker(redis, "b");
    CHECK(a.runs() == std::vector<std::string>{run});
    const auto first = take(a, run, 2);
    const auto second = take(b, run, 2);
    REQUIRE(first.size() == 2);
    REQUIRE(second.size() == 1);
    CHECK(second[0].task.number == 3);
    CHECK(second[0].task.qr == "A 1");
    CHECK(second[0].task.path == "/no/such/3");
    CHECK(answer(a, first[0], "4"));
    CHECK_FALSE(answer(a, first[0], "5"));
    CHECK_FALSE(answer(a, second[0]));
    CHECK(answer(b, second[0], "9"));
    CHECK(outcomes(window) == "1@1 read 4\n3@1 read 9\n");
    CHECK(outcomes(window).empty());
    CHECK(window.sheets() == std::set<int>{2});
}

TEST_CASE("a worker that returns after another took over changes nothing", "[F24]") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    const std::string run = window.order().run;
    REQUIRE(window.give(tasks(1)));
    auto slow = worker(redis, "slow");
    auto quick = worker(redis, "quick");
    const auto lost = take(slow, run);
    REQUIRE(lost.size() == 1);
    const auto found = takenOver(quick, run);
    REQUIRE(found.size() == 1);
    CHECK(found[0].delivery == 2);
    CHECK(slow.renew(run, lost) == std::vector<std::string>{lost[0].entry});
    CHECK_FALSE(answer(slow, lost[0], "late"));
    slow.giveBack(lost);
    CHECK(outcomes(window).empty());
    CHECK(answer(quick, found[0], "good"));
    CHECK_FALSE(answer(slow, lost[0], "late"));
    CHECK(outcomes(window) == "1@1 read good\n");
    CHECK(window.sheets().empty());
}

TEST_CASE("a renewed lease does not expire") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    const std::string run = window.order().run;
    REQUIRE(window.give(tasks(2)));
    auto holder = worker(redis, "holder");
    auto other = worker(redis, "other");
    const auto held = take(holder, run);
    REQUIRE(held.size() == 2);
    // What is not renewed, beside it, is lost: so the time that passes is long enough.
    const std::vector<TakenSheet> renewed{held[0]};
    std::vector<TakenSheet> lost;
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (lost.empty() && std::chrono::steady_clock::now() < deadline) {
        CHECK(holder.renew(run, renewed).empty());
        lost = other.takeOver(run, 200ms, 10);
    }
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].task.number == held[1].task.number);
    CHECK(answer(holder, held[0]));
}

TEST_CASE("a returned sheet is given to the next worker without counting an attempt") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    const std::string run = window.order().run;
    REQUIRE(window.give(tasks(1)));
    auto a = worker(redis, "a");
    auto b = worker(redis, "b");
    a.giveBack(take(a, run));
    const auto again = take(b, run);
    REQUIRE(again.size() == 1);
    CHECK(again[0].delivery == 1);
    CHECK(again[0].task.path == "/no/such/1");
    CHECK(answer(b, again[0]));
}

TEST_CASE("a sheet whose workers are lost repeatedly is reported as lost") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    const std::string run = window.order().run;
    REQUIRE(window.give(tasks(1)));
    auto source = worker(redis, "w");
    REQUIRE(take(source, run).size() == 1);
    for (int delivery = 2; delivery <= 5; ++delivery) {
        const auto sheets = takenOver(source, run);
        REQUIRE(sheets.size() == 1);
        CHECK(sheets[0].delivery == delivery);
    }
    std::string told;
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (told.empty() && std::chrono::steady_clock::now() < deadline) {
        CHECK(source.takeOver(run, kShort, 10).empty());
        told = outcomes(window);
    }
    CHECK(told == "1@1 its worker was lost 5 times; reading this sheet may need too much memory\n");
    CHECK(window.sheets().empty());
}

TEST_CASE("the sheets of a worker known to be lost are taken over before their lease runs out") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    const std::string run = window.order().run;
    REQUIRE(window.give(tasks(5)));
    auto lost = worker(redis, "lost");
    auto healthy = worker(redis, "healthy");
    const auto held = take(lost, run, 3);
    REQUIRE(take(healthy, run, 1).size() == 1);
    CHECK(window.heldBy(std::vector<std::string>{"lost", "unknown"}) == 3);
    CHECK(window.heldBy({}) == 0);

    lost.tell({.name = "lost", .state = "working", .heartbeat = 1ms});
    healthy.tell({.name = "healthy", .state = "working", .heartbeat = 60s});
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    std::vector<std::string> names;
    while (names.empty() && std::chrono::steady_clock::now() < deadline)
        names = healthy.lostWorkers();
    REQUIRE(names == std::vector<std::string>{"lost"});
    CHECK(healthy.takeOver(run, 1h, 10).empty());
    const auto first = healthy.takeOver(run, 1h, 2, names);
    const auto second = healthy.takeOver(run, 1h, 2, names);
    REQUIRE(first.size() == 2);
    REQUIRE(second.size() == 1);
    CHECK(first[0].delivery == 2);  // it counts: a sheet may be what kills its workers
    CHECK(window.heldBy(names) == 0);
    CHECK_FALSE(answer(lost, held[0], "late"));
    CHECK(answer(healthy, first[0], "good"));
    CHECK(outcomes(window) == "1@1 read good\n");
}

TEST_CASE("a damaged consumer group costs the batch no sheet") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    const std::string run = window.order().run;
    const std::string key = "sheafline:work:" + run + ":sheets";
    auto source = worker(redis, "w");
    REQUIRE(window.give(tasks(3)));
    const auto taken = take(source, run, 2);
    REQUIRE(taken.size() == 2);
    CHECK(window.sheets() == std::set<int>{1, 2, 3});

    SECTION("its consumer is deleted: what that held can be given again") {
        redis.cli("XGROUP DELCONSUMER " + key + " workers w");
        CHECK(window.renew());
        CHECK(window.sheets() == std::set<int>{3});
    }
    SECTION("an entry is acknowledged by hand") {
        redis.cli("XACK " + key + " workers " + taken[0].entry);
        CHECK(window.sheets() == std::set<int>{2, 3});
    }
    SECTION("the group is moved to the end") {
        redis.cli("XGROUP SETID " + key + " workers '$'");
        CHECK(window.sheets() == std::set<int>{1, 2});
    }
    SECTION("the group is destroyed, and the window is opened again") {
        redis.cli("XGROUP DESTROY " + key + " workers");
        CHECK_FALSE(window.renew());
        window.open();
        CHECK(window.renew());
        REQUIRE(window.give(tasks(3)));
        CHECK(take(source, run).size() == 3);
    }
    SECTION("the stream is another thing, or the order's files are gone") {
        const std::string before = "sheafline:work:" + run;
        const int what = GENERATE(0, 1, 2);
        redis.cli(what == 0   ? "SET " + key + " text"
                  : what == 1 ? "DEL " + before + ":files"
                              : "DEL " + before);
        CHECK_FALSE(window.renew());
        window.open();
        CHECK(window.renew());
        REQUIRE(window.give(tasks(3)));
    }
    auto other = worker(redis, "other");
    CHECK_FALSE(answer(other, taken[0]));
}

TEST_CASE("a window that Redis lost is noticed and sent again") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    const std::string run = window.order().run;
    auto source = worker(redis, "w");
    REQUIRE(window.give(tasks(1)));
    const auto taken = take(source, run);
    REQUIRE(taken.size() == 1);
    CHECK(window.renew());
    redis.cli("FLUSHALL");
    CHECK_FALSE(window.renew());
    CHECK_FALSE(window.give(tasks(1)));
    CHECK(source.runs().empty());
    CHECK(take(source, run).empty());  // NOGROUP
    CHECK(source.takeOver(run, kShort, 1).empty());
    CHECK_FALSE(answer(source, taken[0]));
    CHECK_FALSE(source.order(run).has_value());
    window.open();
    REQUIRE(window.give(tasks(1)));
    CHECK_FALSE(answer(source, taken[0]));
    CHECK(answer(source, take(source, run).at(0)));
}

TEST_CASE("foreign data in the streams harms neither side") {
    const RedisServer redis;
    WorkWindow window(to(redis), order(), key());
    window.open();
    const std::string run = window.order().run;
    auto source = worker(redis, "w");
    for (const char* junk : {"a b", "sheet x", "sheet 1 attempt 1 kind read reading \\xff"}) {
        redis.cli("XADD sheafline:work:" + run + ":sheets '*' " + junk);
        redis.cli("XADD sheafline:work:" + run + ":outcomes '*' " + junk);
    }
    REQUIRE(window.give(tasks(1)));
    const auto taken = take(source, run);
    REQUIRE(taken.size() == 1);
    CHECK(outcomes(window).empty());
    CHECK(window.sheets().contains(1));
    CHECK(answer(source, taken[0], "4"));
    CHECK(outcomes(window) == "1@1 read 4\n");
}

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
    // Of another program's order only the versions are read.
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
