// Detects a test case that calls WARN("skipped: …") because something is missing on this machine.
// Include it after catch.hpp with CATCH_CONFIG_EXTERNAL_INTERFACES.
#pragma once

#include <string>

#include <catch2/catch.hpp>

namespace sheafline::test {

class SkipListener : public Catch::TestEventListenerBase {
 public:
    using TestEventListenerBase::TestEventListenerBase;

    void testCaseStarting(const Catch::TestCaseInfo& info) override {
        TestEventListenerBase::testCaseStarting(info);
        skipped_ = false;
    }

    bool assertionEnded(const Catch::AssertionStats& stats) override {
        if (stats.assertionResult.getResultType() == Catch::ResultWas::Warning) {
            for (const auto& info : stats.infoMessages) skipped_ |= saysSkipped(info.message);
            skipped_ |= saysSkipped(std::string(stats.assertionResult.getMessage()));
        }
        return TestEventListenerBase::assertionEnded(stats);
    }

 protected:
    bool skipped() const { return skipped_; }

 private:
    static bool saysSkipped(const std::string& text) { return text.rfind("skipped:", 0) == 0; }

    bool skipped_ = false;
};

}  // namespace sheafline::test
