// The test kit on a processor that crashes when its sheet says so.
#include <catch2/catch.hpp>

#include <sheafline/testing/processor_trial.h>

using namespace sheafline;
using namespace sheafline::testing;

namespace {

Reading readingOf(const std::string& content) {
    ProcessorTrial trial(TRIAL_PLUGINS "/fragile_processor.so", {{"suffix", "!"}});
    trial.write("sheet.txt", content);
    return trial.read("sheet.txt");
}

}  // namespace

TEST_CASE("a processor reads one sheet without a batch") {
    CHECK(readingOf("yes").values == std::vector<std::string>{"yes!"});
    CHECK(readingOf("blank").reason == "the sheet is blank");
}

TEST_CASE("a processor that fails on a sheet gives the reason, and the test continues") {
    CHECK(readingOf("throw").reason == "the sheet says so");
    CHECK(readingOf("crash").reason == "killed by SIGABRT");
    CHECK(readingOf("twice").reason == "gave 2 values for 1 column");
}
