// Prints a line for each fault tag of a test case: `FAULT F44 seed=S PASS|FAIL|SKIP`, and after a
// failure the command that repeats it. A test program that links this file does so for all its
// cases. Cases that use random numbers take them from the seed.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <array>
#include <cstdio>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "skip_listener.h"

namespace {

bool isFault(const std::string& tag) {
    return tag.size() > 1 && tag[0] == 'F' &&
           tag.find_first_not_of("0123456789", 1) == std::string::npos;
}

std::string ownPath() {
    std::array<char, 4096> path{};
    const ssize_t length = ::readlink("/proc/self/exe", path.data(), path.size());
    return {path.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
}

// A comma would start another test's name.
std::string quoted(const std::string& name) {
    std::string text = "'";
    for (const char c : name) text += c == ',' ? "\\," : std::string(1, c);
    return text + "'";
}

class FaultLines : public sheafline::test::SkipListener {
 public:
    using SkipListener::SkipListener;

    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        SkipListener::testCaseEnded(stats);
        const bool passed = stats.totals.testCases.failed == 0;
        bool any = false;
        for (const std::string& tag : stats.testInfo.tags) {
            if (!isFault(tag)) continue;
            any = true;
            std::printf("FAULT %s seed=%u %s\n", tag.c_str(), Catch::rngSeed(),
                        !passed     ? "FAIL"
                        : skipped() ? "SKIP"
                                    : "PASS");
        }
        if (any && !passed)
            std::printf("repeat: %s %s --rng-seed %u\n", ownPath().c_str(),
                        quoted(stats.testInfo.name).c_str(), Catch::rngSeed());
        std::fflush(stdout);
    }
};

}  // namespace

CATCH_REGISTER_LISTENER(FaultLines)
