#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <sheafline/testing/stage_trial.h>

using namespace sheafline::testing;

namespace {

void addSheets(StageTrial& trial) {
    trial.addSheet("a.jpg", "12345");
    trial.addSheet("b.jpg", "1");
}

}  // namespace

TEST_CASE("plugin_name writes the size of each sheet") {
    StageTrial trial(SHEAFLINE_PLUGIN, {{"file", "sizes.csv"}});
    addSheets(trial);
    REQUIRE(trial.run().code == "done");
    CHECK(trial.artifact("sizes.csv") == "file,bytes\na.jpg,5\nb.jpg,1\n");
}

TEST_CASE("plugin_name gives the same result after a kill or a stop at each call") {
    CHECK(differencesAfter(Interruption::kill, SHEAFLINE_PLUGIN, addSheets).empty());
    CHECK(differencesAfter(Interruption::stop, SHEAFLINE_PLUGIN, addSheets).empty());
}

TEST_CASE("plugin_name refuses a file in another folder") {
    CHECK(StageTrial(SHEAFLINE_PLUGIN, {{"file", "../sizes.csv"}}).run().code == "WRONG_PARAM");
}
