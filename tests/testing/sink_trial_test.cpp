// The test kit on the sink `jsonl`.
#include <catch2/catch.hpp>

#include <sheafline/testing/sink_trial.h>

using namespace sheafline;
using namespace sheafline::testing;

namespace {

const std::string kJsonl = SHEAFLINE_PLUGINS "/jsonl.so";

std::string linesOf(const SinkTrial& trial) {
    std::string lines;
    for (const CommittedEvent& event : trial.events()) lines += event.json + "\n";
    return lines;
}

}  // namespace

TEST_CASE("a sink receives the events of a trial in order") {
    SinkTrial trial(kJsonl, {{"file", "events.jsonl"}});
    trial.add("Extracting", 50);
    trial.finish();
    CHECK(trial.waiting() == 2);
    CHECK(trial.deliver().code == "done");
    CHECK(trial.waiting() == 0);
    CHECK(trial.file("events.jsonl") == linesOf(trial));
}

TEST_CASE("events that a sink does not accept wait for the next delivery") {
    SinkTrial trial(kJsonl, {{"file", "missing/events.jsonl"}});
    trial.finish();
    const Outcome refused = trial.deliver();
    CHECK(refused.code != "done");
    CHECK(trial.waiting() == 1);
    trial.write("missing/other", "");
    trial.restart();
    CHECK(trial.deliver().code == "done");
    CHECK(trial.file("missing/events.jsonl") == linesOf(trial));
}

TEST_CASE("a durable sink that is killed at each call of a delivery has each event once") {
    int kills = 0;
    for (bool killed = true; killed; kills += killed ? 1 : 0) {
        SinkTrial trial(kJsonl, {{"file", "events.jsonl"}});
        trial.add("Extracting", 50);
        trial.add("Extracting", 90);
        killed = trial.deliverKilledAt(kills + 1).code == "killed";
        trial.finish();
        REQUIRE(trial.deliver().code == "done");
        CHECK(trial.file("events.jsonl") == linesOf(trial));
    }
    CHECK(kills >= 3);  // before the delivery, at the write, and after it
}
