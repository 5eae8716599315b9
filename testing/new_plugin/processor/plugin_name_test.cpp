#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <sheafline/testing/processor_trial.h>

using namespace sheafline::testing;

TEST_CASE("plugin_name gives the size of the file") {
    ProcessorTrial trial(SHEAFLINE_PLUGIN);
    trial.write("a.jpg", "12345");
    CHECK(trial.columns() == std::vector<std::string>{"bytes"});
    CHECK(trial.read("a.jpg").values == std::vector<std::string>{"5"});
}

TEST_CASE("plugin_name quarantines a file that is too large") {
    ProcessorTrial trial(SHEAFLINE_PLUGIN, {{"max_bytes", "4"}});
    trial.write("a.jpg", "12345");
    CHECK(trial.read("a.jpg").reason == "the file is larger than max_bytes");
}

TEST_CASE("plugin_name gives a reason for a file that is missing") {
    CHECK_FALSE(ProcessorTrial(SHEAFLINE_PLUGIN).read("missing.jpg").reason.empty());
}
