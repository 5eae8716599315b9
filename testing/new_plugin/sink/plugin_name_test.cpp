#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include <sheafline/testing/sink_trial.h>

using namespace sheafline::testing;

TEST_CASE("plugin_name appends the events in order") {
    SinkTrial trial(SHEAFLINE_PLUGIN, {{"file", "events.txt"}});
    trial.add("Reading sheets", 50);
    REQUIRE(trial.deliver().code == "done");
    trial.finish();
    REQUIRE(trial.deliver().code == "done");
    CHECK(trial.file("events.txt") ==
          trial.events()[0].json + "\n" + trial.events()[1].json + "\n");
}

TEST_CASE("plugin_name delivers events again that could not be written") {
    SinkTrial trial(SHEAFLINE_PLUGIN, {{"file", "missing/events.txt"}});
    trial.add("Reading sheets", 50);
    CHECK(trial.deliver().code == "NOT_FOUND");
    CHECK(trial.waiting() == 1);
    trial.write("missing/other.txt", "");
    CHECK(trial.deliver().code == "done");
    CHECK(trial.file("missing/events.txt") == trial.events()[0].json + "\n");
}

TEST_CASE("plugin_name loses no event when it is killed before or after a delivery") {
    for (const int call : {1, 2}) {
        SinkTrial trial(SHEAFLINE_PLUGIN, {{"file", "events.txt"}});
        trial.finish();
        CHECK(trial.deliverKilledAt(call).code == "killed");
        REQUIRE(trial.deliver().code == "done");
        CHECK_THAT(trial.file("events.txt"), Catch::EndsWith(trial.events()[0].json + "\n"));
    }
}
