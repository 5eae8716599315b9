#include <climits>

#include <catch2/catch.hpp>

#include <sheafline/backoff.h>

using namespace sheafline;
using namespace std::chrono_literals;

TEST_CASE("pauses grow from 0.1 s to 5 s with a random reduction of up to half") {
    Backoff backoff;
    for (const int whole : {100, 200, 400, 800, 1600, 3200, 5000, 5000}) {
        const auto pause = backoff.next().count();
        CHECK(pause >= whole / 2);
        CHECK(pause <= whole);
    }
    backoff.reset();
    CHECK(backoff.next().count() <= 100);
}

TEST_CASE("a pause is the share of its full length that chance picks") {
    const BackoffSpec spec{.first = 1s, .longest = 4s, .factor = 2, .least = 0.5, .most = 1.5};
    CHECK(backoffPause(spec, 1, 0) == 500ms);
    CHECK(backoffPause(spec, 1, 1) == 1500ms);
    CHECK(backoffPause(spec, 2, 0.5) == 2s);
    CHECK(backoffPause(spec, 9, 0.5) == 4s);
}

TEST_CASE("a backoff stays at its longest pause however often it fails") {
    const BackoffSpec spec{.first = 100ms, .longest = 5s, .factor = 10, .least = 1, .most = 1};
    CHECK(backoffPause(spec, INT_MAX, 0) == 5s);
    CHECK(backoffPause({.first = 3s, .longest = 2s, .factor = 1, .least = 1}, 1, 0) == 2s);
}
