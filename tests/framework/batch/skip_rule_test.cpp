#include "batch/run/skip_rule.h"

#include <string>

#include <catch2/catch.hpp>

#include "base/units.h"
#include "batch/run/retry_pause.h"

using namespace sheafline;
using namespace std::chrono_literals;

namespace {

std::string verdict(SkipLimit limit, std::uint64_t total, std::uint64_t quarantined) {
    return overLimit(limit, total, quarantined).value_or("within");
}

}  // namespace

TEST_CASE("a batch stops above the larger of the share and at_least - 1") {
    struct Case {
        SkipLimit limit;
        std::uint64_t total;
        std::uint64_t quarantined;
        bool over;
    };
    const Case c = GENERATE(values<Case>({
        {{}, 30, 1, false},  // one bad sheet in a class
        {{}, 30, 4, false},
        {{}, 30, 5, true},
        {{}, 1000, 20, false},
        {{}, 1000, 21, true},
        {{.share = 0.29}, 100, 29, false},  // 0.29 * 100 is 28.99… in binary
        {{.share = 0.29}, 100, 30, true},
        {{.share = 0, .at_least = 1}, 100, 0, false},
        {{.share = 0, .at_least = 1}, 100, 1, true},
        {{.share = 0.5, .at_least = 1}, 4, 2, false},
        {{.share = 0.5, .at_least = 1}, 4, 3, true},
        {{.share = 1}, 4, 3, false},
        {{.share = 1}, 4, 4, true},  // never every sheet
        {{.share = 1, .at_least = 1000}, 4, 4, true},
        {{}, 1, 1, true},
        {{}, 0, 0, false},
    }));
    CAPTURE(c.limit.share, c.limit.at_least, c.total, c.quarantined);
    CHECK((verdict(c.limit, c.total, c.quarantined) != "within") == c.over);
}

TEST_CASE("the message says how many sheets the limit allows") {
    CHECK(verdict({.share = 0.5, .at_least = 1}, 4, 3) ==
          "3 of 4 sheets are quarantined, and skip allows 2 (limit 50%, at_least 1)");
    CHECK(verdict({}, 12, 12) == "all 12 sheets are quarantined");
    CHECK(verdict({}, 1, 1) == "the only sheet is quarantined");
}

TEST_CASE("the default limit holds for stages that read or group sheets, and only for those") {
    const PluginDescriptor reader{.reads_sheets = true};
    const PluginDescriptor sorter{.groups_sheets = true};
    const PluginDescriptor other{};
    CHECK(skipLimitOf({}, reader)->share == 0.02);
    CHECK(skipLimitOf({}, sorter)->at_least == 5);
    CHECK_FALSE(skipLimitOf({}, other));
    CHECK(skipLimitOf({.skip = SkipLimit{.share = 0.5}}, other)->share == 0.5);
}

TEST_CASE("the pause before the next attempt grows up to its maximum and stays a sane time") {
    const Retry retry{.initial = 1s, .factor = 2, .max_interval = 5s};
    CHECK(retryPause(retry, 1, 0) == 1s);
    CHECK(retryPause(retry, 2, 0) == 2s);
    CHECK(retryPause(retry, 9, 0) == 5s);
    CHECK(retryPause(retry, 9, 1) == 6s);
    const Retry extreme{
        .initial = kLongestDuration, .factor = 100, .max_interval = kLongestDuration};
    CHECK(retryPause(extreme, 1000, 1) > 0s);
    const auto then = std::chrono::steady_clock::now() + retryPause(extreme, 1000, 1);
    CHECK(then > std::chrono::steady_clock::now());
}

TEST_CASE("the longest duration can be added to every clock") {
    CHECK(parseDuration("36500d") == kLongestDuration);
    CHECK_FALSE(parseDuration("36501d"));
    CHECK_FALSE(parseDuration("200000d"));
    CHECK_FALSE(parseDuration("9223372036854775807ms"));
    CHECK(std::chrono::steady_clock::now() + kLongestDuration > std::chrono::steady_clock::now());
    CHECK(std::chrono::nanoseconds(kLongestDuration) > 0ns);
}
