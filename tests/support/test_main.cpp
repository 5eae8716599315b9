// main() of every test program. A run in which a case was skipped and none failed ends with status
// 77, which ctest reports as "Skipped". Catch2 2.13 itself would report it as passed.
#define CATCH_CONFIG_RUNNER
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>

#include "skip_listener.h"

namespace {

constexpr int kSkipStatus = 77;  // SKIP_RETURN_CODE in sheafline_add_test

bool any_skipped = false;  // Catch2 creates the listener and keeps it

class SkipCount : public sheafline::test::SkipListener {
 public:
    using SkipListener::SkipListener;

    void testCaseEnded(const Catch::TestCaseStats& stats) override {
        SkipListener::testCaseEnded(stats);
        any_skipped |= skipped();
    }
};

}  // namespace

CATCH_REGISTER_LISTENER(SkipCount)

int main(int argc, char* argv[]) {
    const int status = Catch::Session().run(argc, argv);
    return status == 0 && any_skipped ? kSkipStatus : status;
}
