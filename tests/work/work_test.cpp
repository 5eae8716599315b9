// The rules of work in Redis, on a real server: who holds a sheet, and who may answer for it.
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
    // A sheet that is not renewed is lost, so enough time passes.
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
    CHECK(first[0].delivery == 2);  // it counts, because a sheet may kill its workers
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
