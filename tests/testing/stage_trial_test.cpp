// The test kit on a small stage, once careful and once not, and on stages of this tree.
#include <catch2/catch.hpp>

#include <sheafline/testing/stage_trial.h>

using namespace sheafline;
using namespace sheafline::testing;

namespace {

const std::string kPlugins = SHEAFLINE_PLUGINS;
const std::string kStage = TRIAL_PLUGINS "/counting_stage.so";

void addThreeSheets(StageTrial& trial) {
    trial.addSheet("a.jpg", "1");
    trial.addSheet("b.jpg", "22");
    trial.addSheet("c.jpg", "333");
}

std::string textOf(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

}  // namespace

TEST_CASE("a stage runs without a pipeline, and leaves its events and artifacts") {
    StageTrial trial(kStage);
    addThreeSheets(trial);
    CHECK(trial.preflight().code == "done");
    CHECK(trial.run().code == "done");
    CHECK(trial.artifact("list.txt") == "a.jpg 1\nb.jpg 2\nc.jpg 3\n");
    CHECK(trial.messages() == std::vector<std::string>(3, "Counting"));
    CHECK(trial.stageRun().checkpoint() == "3 24");
}

TEST_CASE(
    "a stage that continues from its checkpoint gives the same result after a kill at each call") {
    const auto differences = differencesAfter(Interruption::kill, kStage, addThreeSheets);
    CHECK(textOf(differences).empty());
}

TEST_CASE(
    "a stage that continues from its checkpoint gives the same result after a stop at each call") {
    const auto differences = differencesAfter(Interruption::stop, kStage, addThreeSheets);
    CHECK(textOf(differences).empty());
}

TEST_CASE("a stage that repeats work after a kill is reported with the call") {
    const auto differences = differencesAfter(Interruption::kill, kStage, [](StageTrial& trial) {
        trial.set("careful", false);
        addThreeSheets(trial);
    });
    CHECK_THAT(textOf(differences), Catch::Contains("call 2 (sheets.flush): the result differs") ||
                                        Catch::Contains("(checkpoint): the result differs"));
    CHECK_THAT(textOf(differences), Catch::Contains("a.jpg 1\na.jpg 1\n"));
}

TEST_CASE("a killed run keeps what was durable and loses the rest") {
    StageTrial trial(kStage);
    addThreeSheets(trial);
    trial.run();
    const auto names = trial.calls();
    const auto second = std::find(std::find(names.begin(), names.end(), "checkpoint") + 1,
                                  names.end(), "checkpoint");
    StageTrial killed(kStage);
    addThreeSheets(killed);
    CHECK(killed.runKilledAt(static_cast<int>(second - names.begin()) + 1).code == "killed");
    CHECK(killed.stageRun().checkpoint() == "1 8");
    CHECK(killed.artifact("list.txt").empty());
    CHECK(killed.run().code == "done");
    CHECK(killed.result() == trial.result());
}

TEST_CASE("a run with fewer calls than the kill needs ends as usual") {
    StageTrial trial(kStage);
    addThreeSheets(trial);
    CHECK(trial.runKilledAt(1000).code == "done");
    CHECK(trial.artifact("list.txt") == "a.jpg 1\nb.jpg 2\nc.jpg 3\n");
    CHECK(trial.stageRun().checkpoint() == "3 24");
}

TEST_CASE("a wrong param of a stage is reported as in a pipeline") {
    StageTrial trial(kStage, {{"carefull", true}});
    const Outcome outcome = trial.run();
    CHECK(outcome.code == "WRONG_PARAM");
    CHECK_THAT(outcome.message, Catch::Contains("did you mean 'careful'"));
}

TEST_CASE("a file that is not a plugin is refused with the way to learn more") {
    CHECK_THROWS_WITH(StageTrial(SHEAFLINE_PLUGINS "/../CMakeCache.txt"),
                      Catch::Contains("plugins doctor"));
}

TEST_CASE("collect gives the same rows after a kill at each call") {
    const auto differences =
        differencesAfter(Interruption::kill, kPlugins + "/collect.so", [](StageTrial& trial) {
            addThreeSheets(trial);
            trial.sheets().setColumns({"answer"});
            trial.sheets().setReading(1, {.values = {"A"}});
            trial.sheets().setReading(2, {.values = {"B"}});
            trial.sheets().quarantine(3, "no QR code found");
        });
    CHECK(textOf(differences).empty());
}

TEST_CASE("dispatch reads the sheets of a trial with a processor of the trial") {
    StageTrial trial(kPlugins + "/dispatch.so",
                     {{"processor", "fragile_processor"}, {"suffix", "!"}});
    trial.addProcessor(TRIAL_PLUGINS "/fragile_processor.so");
    trial.addSheet("a.txt", "yes");
    trial.addSheet("b.txt", "blank");
    trial.addSheet("c.txt", "throw");
    const Outcome outcome = trial.run();
    INFO(outcome.message);
    REQUIRE(outcome.code == "done");
    CHECK(trial.sheets().reading(1)->values == std::vector<std::string>{"yes!"});
    CHECK(trial.sheets().at(2).reason == "the sheet is blank");
    CHECK(trial.sheets().at(3).state == SheetState::quarantined);
    CHECK_THAT(trial.sheets().at(3).reason, Catch::Contains("the sheet says so"));
}
