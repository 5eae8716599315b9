// Prints a line for each fault that a test case is tagged with: `FAULT F44 seed=S PASS|FAIL|SKIP`,
// and after a failure the command that repeats it. Linked into a test program, it does so for all
// of its cases; those that draw lots do it from the seed.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <array>
#include <cstdio>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

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

// A comma would begin another test's name.
std::string quoted(const std::string& name) {
    std::string text = "'";
    for (const char c : name) text += c == ',' ? "\\," : std::string(1, c);
    return text + "'";
}

class FaultLines : public Catch::TestEventListenerBase {
 public:
    using TestEventListenerBase::TestEventListenerBase;

    void testCaseStarting(const Catch::TestCaseInfo& info) override {
        TestEventListenerBase::testCaseStarting(info);
        skipped_ = false;
    }

    // A part that is missing here is told by WARN("skipped: …").
    bool assertionEnded(const Catch::AssertionStats& stats) override {
        if (stats.assertionResult.getResultType() == Catch::ResultWas::Warning) {
            for (const auto& info : stats.infoMessages) skipped_ |= tellsOfSkip(info.message);
            skipped_ |= tellsOfSkip(std::string(stats.assertionResult.getMessage()));
        }
        return TestEventListenerBase::assertionEnded(stats);
    }

    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        TestEventListenerBase::testCaseEnded(stats);
        const bool passed = stats.totals.testCases.failed == 0;
        bool any = false;
        for (const std::string& tag : stats.testInfo.tags) {
            if (!isFault(tag)) continue;
            any = true;
            std::printf("FAULT %s seed=%u %s\n", tag.c_str(), Catch::rngSeed(),
                        !passed    ? "FAIL"
                        : skipped_ ? "SKIP"
                                   : "PASS");
        }
        if (any && !passed)
            std::printf("repeat: %s %s --rng-seed %u\n", ownPath().c_str(),
                        quoted(stats.testInfo.name).c_str(), Catch::rngSeed());
        std::fflush(stdout);
    }

 private:
    static bool tellsOfSkip(const std::string& text) { return text.rfind("skipped:", 0) == 0; }

    bool skipped_ = false;
};

}  // namespace

CATCH_REGISTER_LISTENER(FaultLines)
