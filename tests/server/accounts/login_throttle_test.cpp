#include "accounts/throttle/login_throttle.h"

#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {
constexpr ThrottleLimits kLimits{.per_pair = 3,
                                 .per_address = 5,
                                 .per_name = 6,
                                 .name_delay_ms = 2'000,
                                 .name_delay_most_ms = 10'000,
                                 .window_ms = 60'000,
                                 .keys = 100};

// Its attempts are in memory, or in the PostgreSQL server of the tests.
struct Throttled {
    TemporaryFolder folder{};
    std::unique_ptr<AttemptLog> attempts =
        attemptsBeside(databasePlace(folder, "accounts.db"), kLimits);
    LoginThrottle throttle{*attempts};
};

}  // namespace

TEST_CASE("a name may fail so often from one address in a window, however it is written") {
    Throttled throttled;
    LoginThrottle& throttle = throttled.throttle;
    CHECK(throttle.admit("ann", "10.0.0.1", 0).retry_after_seconds == 0);
    CHECK(throttle.admit("ANN", "10.0.0.1", 10'000).retry_after_seconds == 0);
    CHECK(throttle.admit("Ann", "10.0.0.1", 20'000).retry_after_seconds == 0);
    CHECK(throttle.admit("ann", "10.0.0.1", 20'000).retry_after_seconds == 40);
    CHECK(throttle.admit("bob", "10.0.0.1", 20'000).retry_after_seconds == 0);
    CHECK(throttle.admit("ann", "10.0.0.1", 59'001).retry_after_seconds == 1);
    // The window moves: one attempt has left it, so one more is allowed.
    CHECK(throttle.admit("ann", "10.0.0.1", 60'000).retry_after_seconds == 0);
    CHECK(throttle.admit("ann", "10.0.0.1", 60'000).retry_after_seconds == 10);
}

TEST_CASE("failures from many addresses delay the first attempt of a new address too") {
    Throttled throttled;
    LoginThrottle& throttle = throttled.throttle;
    const auto address = [](int n) { return "10.0.1." + std::to_string(n); };
    for (int i = 0; i < 6; ++i)
        REQUIRE(throttle.admit("ann", address(i), 0).retry_after_seconds == 0);
    // The delay doubles with each further failure, up to its bound.
    std::int64_t now_ms = 0;
    int next = 6;
    for (const std::int64_t seconds : {2, 4, 8, 10, 10}) {
        CHECK(throttle.admit("ann", address(next), now_ms).retry_after_seconds == seconds);
        CHECK(throttle.admit("bob", "10.0.2." + std::to_string(next), now_ms).retry_after_seconds ==
              0);
        now_ms += seconds * 1000;
        CHECK(throttle.admit("ann", address(next++), now_ms).retry_after_seconds == 0);
    }
    // The failures leave the window, and the delay ends.
    CHECK(throttle.admit("ann", address(next), now_ms + 60'000).retry_after_seconds == 0);
}

TEST_CASE("an address from which a name signed in does not wait for the failures of others") {
    Throttled throttled;
    LoginThrottle& throttle = throttled.throttle;
    REQUIRE(throttle.admit("ann", "10.0.0.7", 0).retry_after_seconds == 0);
    throttle.succeeded("ann", "10.0.0.7", 0);
    REQUIRE(throttle.admit("ann", "10.0.0.8", 0).retry_after_seconds == 0);
    throttle.notTried("ann", "10.0.0.8", 0);
    for (int i = 0; i < 50; ++i) throttle.admit("ann", "10.0.1." + std::to_string(i), 1 + i);
    CHECK(throttle.admit("ann", "10.0.0.8", 100).retry_after_seconds == 2);
    CHECK(throttle.admit("ann", "10.0.0.7", 100).retry_after_seconds == 0);
    // Its own failures lock it as they lock any other address.
    CHECK(throttle.admit("ann", "10.0.0.7", 101).retry_after_seconds == 0);
    CHECK(throttle.admit("ann", "10.0.0.7", 102).retry_after_seconds == 0);
    CHECK(throttle.admit("ann", "10.0.0.7", 103).retry_after_seconds == 60);
}

TEST_CASE("a thousand addresses get no thousand guesses of one name") {
    Throttled throttled;
    LoginThrottle& throttle = throttled.throttle;
    int admitted = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::string address =
            "10." + std::to_string(i / 250) + ".0." + std::to_string(i % 250);
        if (throttle.admit("ann", address, i).retry_after_seconds == 0) ++admitted;
    }
    CHECK(admitted == 6);
}

TEST_CASE("an address has a limited number of failures per window, whatever the names") {
    Throttled throttled;
    LoginThrottle& throttle = throttled.throttle;
    for (int i = 0; i < 5; ++i) {
        CHECK(throttle.admit("user" + std::to_string(i), "10.0.0.1", 0).retry_after_seconds == 0);
    }
    CHECK(throttle.admit("user9", "10.0.0.1", 1).retry_after_seconds == 60);
    CHECK(throttle.admit("user9", "10.0.0.2", 1).retry_after_seconds == 0);
}

TEST_CASE("rejected and successful attempts are not counted as failures") {
    Throttled throttled;
    LoginThrottle& throttle = throttled.throttle;
    for (int i = 0; i < 100; ++i) {
        REQUIRE(throttle.admit("ann", "10.0.0.1", i).retry_after_seconds == 0);
        throttle.succeeded("ann", "10.0.0.1", i);
    }
    for (int i = 0; i < 3; ++i) throttle.admit("ann", "10.0.0.1", 1000);
    for (int i = 0; i < 100; ++i) throttle.admit("ann", "10.0.0.1", 2000);
    CHECK(throttle.admit("ann", "10.0.0.1", 61'000).retry_after_seconds == 0);
}

TEST_CASE("a throttle uses bounded memory", "[sqlite]") {
    Throttled throttled;
    LoginThrottle& throttle = throttled.throttle;
    for (int i = 0; i < 3; ++i) throttle.admit("ann", "10.9.9.9", 0);
    for (int i = 0; i < 99; ++i)
        throttle.admit("u" + std::to_string(i), "10.0.1." + std::to_string(i), 1);
    CHECK(throttle.admit("ann", "10.9.9.9", 2).retry_after_seconds > 0);
    // The hundredth other name replaces the one that was unused for the longest time.
    throttle.admit("u99", "10.0.1.99", 3);
    CHECK(throttle.admit("ann", "10.9.9.9", 4).retry_after_seconds == 0);
}

TEST_CASE("addresses of one IPv6 network are one client") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"192.0.2.7", "192.0.2.7"},
        {"::ffff:192.0.2.7", "192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:DB8:1:2::1", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::1", "2001:db8:1:3::/64"},
        {"fe80::1%eth0", "fe80::/64"},
        {"", ""},
        {"unix", "unix"},
    };
    for (const auto& [address, client] : cases) CHECK(clientOfAddress(address) == client);
}

TEST_CASE("servers with one history count the attempts of all of them", "[postgresql]") {
    historyServer().query("DROP SCHEMA IF EXISTS sheafline CASCADE");
    const sql::Place place{"accounts.db", historyServer().url()};
    const auto here = attemptsBeside(place, kLimits);
    const auto there = attemptsBeside(place, kLimits);
    LoginThrottle one(*here);
    LoginThrottle two(*there);
    CHECK(std::abs(here->nowMs() - there->nowMs()) < 60'000);
    std::atomic<int> admitted = 0;
    const auto guess = [&](LoginThrottle& throttle) {
        for (int i = 0; i < 5; ++i)
            if (throttle.admit("ann", "10.0.0.1", 1'000).retry_after_seconds == 0) ++admitted;
    };
    {
        const std::jthread first([&] { guess(one); });
        const std::jthread second([&] { guess(two); });
    }
    CHECK(admitted == kLimits.per_pair);
    REQUIRE(two.admit("ann", "10.0.0.2", 1'000).retry_after_seconds == 0);
    two.succeeded("ann", "10.0.0.2", 1'000);
    for (int i = 0; i < 3; ++i) two.admit("ann", "10.0.1." + std::to_string(i), 1'000);
    CHECK(one.admit("ann", "10.0.0.3", 1'000).retry_after_seconds == 2);
    CHECK(one.admit("ann", "10.0.0.2", 1'000).retry_after_seconds == 0);
    here->forgetOld(61'000);
    // The name that signed in from its address.
    CHECK(historyServer().query("SELECT count(*) FROM sheafline.sign_in_attempts") == "1");
}
