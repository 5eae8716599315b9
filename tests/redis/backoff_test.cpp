#include <catch2/catch.hpp>

#include <sheafline/redis/backoff.h>

TEST_CASE("pauses grow from 0.1 s to 5 s with a random reduction of up to half") {
    sheafline::redis::Backoff backoff;
    for (const int whole : {100, 200, 400, 800, 1600, 3200, 5000, 5000}) {
        const auto pause = backoff.next().count();
        CHECK(pause >= whole / 2);
        CHECK(pause <= whole);
    }
    backoff.reset();
    CHECK(backoff.next().count() <= 100);
}
