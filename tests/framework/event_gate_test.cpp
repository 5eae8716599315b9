#include "batch/event_gate.h"

#include <cmath>
#include <string>

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using sheafline::EventGate;
using sheafline::EventKind;

namespace {

const EventGate::Time kStart{};

EventGate gate() { return {"process", "processing_sheets", 1}; }

// How many of `count` events pass, with a `pause` between them.
int released(EventGate& gate, int count, std::chrono::milliseconds pause,
             EventKind kind = EventKind::periodic) {
    int through = 0;
    for (int i = 0; i < count; ++i) {
        if (gate.offer({.message = "m", .done = double(i), .total = double(count), .kind = kind},
                       kStart + i * pause))
            ++through;
    }
    return through;
}

}  // namespace

TEST_CASE("the first event passes, and a second one at the same moment waits") {
    auto g = gate();
    CHECK(g.offer({.message = "a", .done = 0, .total = 100}, kStart));
    CHECK_FALSE(g.offer({.message = "b", .done = 50, .total = 100}, kStart));
}

TEST_CASE("an event passes after 0.2 % of progress and 100 ms") {
    auto g = gate();
    g.offer({.message = "a", .done = 0, .total = 1000}, kStart);
    CHECK_FALSE(g.offer({.message = "b", .done = 1, .total = 1000}, kStart + 200ms));
    CHECK_FALSE(g.offer({.message = "c", .done = 2, .total = 1000}, kStart + 50ms));
    CHECK(g.offer({.message = "d", .done = 2, .total = 1000}, kStart + 100ms));
}

TEST_CASE("a waiting event passes once enough time has elapsed") {
    auto g = gate();
    g.offer({.message = "a", .done = 0, .total = 1000}, kStart);
    g.offer({.message = "b", .done = 900, .total = 1000}, kStart + 10ms);
    CHECK_FALSE(g.tick(kStart + 90ms));
    const auto event = g.tick(kStart + 100ms);
    REQUIRE(event);
    CHECK(event->message == "b");
}

TEST_CASE("a stage without news still reports every five seconds") {
    auto g = gate();
    g.offer({.message = "a", .done = 1, .total = 1000}, kStart);
    CHECK_FALSE(g.tick(kStart + 4999ms));
    CHECK(g.tick(kStart + 5s));
}

TEST_CASE("a million ticks in a second become at most ten events and the first") {
    auto g = gate();
    int through = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        if (g.offer({.message = "m", .done = double(i), .total = 1e6},
                    kStart + std::chrono::microseconds(i)))
            ++through;
    }
    CHECK(through <= 11);
}

TEST_CASE("every event of a counted series of up to two hundred is kept") {
    auto g = gate();
    CHECK(released(g, 200, 0ms, EventKind::step) == 200);
    CHECK_FALSE(
        g.offer({.message = "201", .done = 201, .total = 1000, .kind = EventKind::step}, kStart));
}

TEST_CASE("a stage run has at most 500 events plus one every five seconds") {
    auto g = gate();
    CHECK(released(g, 100'000, 10ms) <= 500 + 1000 / 5);
}

TEST_CASE("the last event is sent once, with 100 %") {
    auto g = gate();
    g.offer({.message = "a", .done = 0, .total = 10}, kStart);
    g.offer({.message = "z", .done = 10, .total = 10}, kStart + 1ms);
    const auto last = g.finish(kStart + 2ms);
    REQUIRE(last);
    CHECK(last->message == "z");
    CHECK(last->complete);
    auto done = gate();
    done.offer({.message = "z", .done = 10, .total = 10}, kStart);
    CHECK_FALSE(done.finish(kStart));
}

TEST_CASE("impossible numbers and texts are made safe and counted") {
    struct Case {
        double done, total, safe_done, safe_total;
    };
    const auto c = GENERATE(Case{200, 100, 100, 100}, Case{NAN, 100, 0, 100}, Case{-1, 100, 0, 100},
                            Case{5, INFINITY, 5, 0});
    auto g = gate();
    const auto event = g.offer({.message = "ok", .done = c.done, .total = c.total}, kStart);
    REQUIRE(event);
    CHECK(event->done == c.safe_done);
    CHECK(event->total == c.safe_total);
    CHECK(g.cleaned() == 1);
    CHECK(g.offer({.message = "\xff", .done = 100, .total = 100}, kStart + 5s)->message ==
          "\xEF\xBF\xBD");
}

TEST_CASE("rate and remaining time are computed from recent progress") {
    auto g = gate();
    g.offer({.message = "m", .done = 0, .total = 1000}, kStart);
    const auto event = g.offer({.message = "m", .done = 100, .total = 1000}, kStart + 10s);
    REQUIRE(event);
    CHECK(*event->rate_per_second == Approx(10));
    CHECK(*event->eta_seconds == Approx(90));
}
