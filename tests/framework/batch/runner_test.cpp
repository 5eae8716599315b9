// A whole batch, run through the class that drives it.
#include "batch/run/runner.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include <catch2/catch.hpp>

#include "batch_in_test.h"

using namespace sheafline;
using namespace std::chrono_literals;
using test::BatchInTest;
using test::makeFunctionStage;

namespace {

std::mutex order_mutex;
std::string order;            // the stages that ran, in the order of their starts
std::atomic<int> fails_left;  // how often `flaky` still fails
std::function<void()> on_waiting;

void note(StageRun& run) {
    const std::lock_guard lock(order_mutex);
    order += run.folder().filename().string() + " ";
}

// Waits until it is stopped; when it is resumed, it has nothing to do.
void waitForStop(StageRun& run) {
    note(run);
    if (run.checkpoint() == "waiting") return;
    run.checkpoint("waiting");
    on_waiting();
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait(lock, run.stop(), [] { return false; });
    throwIfStopped(run.stop());
}

void fail(StageRun& run) {
    note(run);
    throw Error(ErrorClass::permanent, "BROKEN", "it is broken");
}

void flaky(StageRun& run) {
    note(run);
    if (fails_left-- > 0) throw Error(ErrorClass::transient, "BUSY", "it is busy");
}

class Unready : public Stage {
 public:
    void preflight(std::stop_token) override {
        throw Error(ErrorClass::permanent, "NO_LOGIN", "the password is wrong");
    }
    void run(StageRun& run) override { note(run); }
};

template <auto Body>
PluginDescriptor pluginNamed(std::string_view name) {
    return {
        .name = name, .version = "1", .stage = "counting", .make_stage = makeFunctionStage<Body>};
}

const PluginDescriptor kOk = pluginNamed<note>("ok");
const PluginDescriptor kWaits = pluginNamed<waitForStop>("waits");
const PluginDescriptor kFails = pluginNamed<fail>("fails");
const PluginDescriptor kFlaky = pluginNamed<flaky>("flaky");
const PluginDescriptor kUnready{
    .name = "unready",
    .version = "1",
    .stage = "counting",
    .make_stage = [](Params&) -> std::unique_ptr<Stage> { return std::make_unique<Unready>(); }};

struct Batch : BatchInTest {
    Batch() : BatchInTest({&kFails, &kFlaky, &kOk, &kUnready, &kWaits}) {
        order.clear();
        fails_left = 0;
    }

    // Runs the batch from its stored state, and returns the stages that ran. `stop` is the reason
    // for which it is stopped while the stage `waits` runs.
    std::string run(std::vector<PipelineStage> stages, std::vector<PipelineStage> finally = {},
                    std::optional<StopReason> stop = {}, const std::string& resumed_because = {}) {
        const Pipeline pipeline{.file = folder() / "p.yaml",
                                .name = "p",
                                .stages = std::move(stages),
                                .finally = std::move(finally)};
        HistoryReader history = reader();
        const BatchRow row = history.batch("b").value();
        const BatchEnvironment shared = environment();
        Runner runner(pipeline, row, history.stages("b", 1), shared, {});
        on_waiting = [&] { runner.stop(stop.value()); };
        order.clear();
        runner.run(resumed_because);
        return order;
    }
};

PipelineStage stage(const std::string& id, const std::string& uses,
                    std::vector<std::string> needs = {}) {
    return {.id = id, .uses = uses, .needs = std::move(needs), .retry = {.initial = 1ms}};
}

}  // namespace

TEST_CASE("stages run after those that they need, and the batch completes") {
    Batch batch;
    const auto ran = batch.run({stage("c", "ok", {"b"}), stage("b", "ok", {"a"}), stage("a", "ok")},
                               {stage("last", "ok")});
    CHECK(ran == "a b c last ");
    CHECK(batch.state() == "completed");
    CHECK(batch.stages() == "c completed, b completed, a completed, last completed");
    CHECK_THAT(batch.lastEvent(), Catch::Contains(R"("stage":"completed")") &&
                                      Catch::Contains(R"("overall_percentage":100.0)"));
}

TEST_CASE("a permanent error fails the batch, and its finally stages run") {
    Batch batch;
    const auto ran = batch.run({stage("a", "fails"), stage("b", "ok", {"a"})},
                               {stage("tidy", "fails"), stage("last", "ok")});
    CHECK(ran == "a tidy last ");
    CHECK(batch.state() == "failed");
    CHECK(batch.stages() == "a failed, b pending, tidy failed, last completed");
    CHECK_THAT(
        batch.lastEvent(),
        Catch::Contains(R"("error":{"code":"BROKEN","message":"it is broken","stage":"a"})"));
}

TEST_CASE("a transient error is retried until the attempts are used up") {
    Batch batch;
    PipelineStage use = stage("a", "flaky");
    use.retry.max_attempts = 3;
    SECTION("the last attempt succeeds") {
        fails_left = 2;
        CHECK(batch.run({use}) == "a a a ");
        CHECK(batch.state() == "completed");
        CHECK(batch.reader().stages("b", 1).at(0).attempt == 3);
    }
    SECTION("the last attempt fails") {
        fails_left = 3;
        CHECK(batch.run({use}) == "a a a ");
        CHECK(batch.state() == "failed");
        CHECK_THAT(batch.lastEvent(), Catch::Contains(R"("code":"BUSY")"));
    }
}

TEST_CASE("a stage that is sure to fail fails the batch before the first stage runs") {
    Batch batch;
    CHECK(batch.run({stage("a", "ok"), stage("b", "unready", {"a"})}).empty());
    CHECK(batch.state() == "failed");
    CHECK_THAT(batch.lastEvent(),
               Catch::Contains(R"("code":"NO_LOGIN")") && Catch::Contains(R"("stage":"b")"));
}

TEST_CASE("with a lease, a database that is a file of the batch fails it before any stage runs") {
    const std::string folder = GENERATE(as<std::string>{}, "batch", "work", "elsewhere");
    const std::int64_t epoch = GENERATE(std::int64_t{0}, std::int64_t{1});
    CAPTURE(folder, epoch);
    Batch batch;
    batch.setEpoch(epoch);
    PipelineStage load = stage("b", "ok", {"a"});
    const TemporaryFolder elsewhere("/dev/shm");
    const auto place = folder == "elsewhere" ? elsewhere.path() : batch.folder() / folder;
    load.with["url"] = RawValue{.value = {.text = "sqlite:" + (place / "results.db").string()}};
    const bool rejected = epoch > 0 && folder != "elsewhere";
    CHECK(batch.run({stage("a", "ok"), load}) == (rejected ? "" : "a "));
    CHECK((batch.lastEvent().find(R"("code":"SINK_ON_STORE")") != std::string::npos) == rejected);
    if (rejected)
        CHECK_THAT(batch.lastEvent(), Catch::Contains("results.db in the folders of the batch") &&
                                          Catch::Contains("postgresql://USER@HOST/DATABASE"));
}

TEST_CASE("a stage whose condition is false is skipped, and those that need it run") {
    Batch batch;
    PipelineStage skipped = stage("a", "fails");
    skipped.condition = "false";
    CHECK(batch.run({skipped, stage("b", "ok", {"a"})}) == "b ");
    CHECK(batch.stages() == "a skipped, b completed");
    CHECK(batch.state() == "completed");
}

TEST_CASE("a cancel stops a running stage, runs the finally stages and ends the batch") {
    Batch batch;
    CHECK(batch.run({stage("a", "waits"), stage("b", "ok", {"a"})}, {stage("last", "ok")},
                    StopReason::cancel) == "a last ");
    CHECK(batch.state() == "cancelled");
    CHECK(batch.stages() == "a pending, b pending, last completed");
}

TEST_CASE("an interrupted batch continues where it stopped and repeats no completed stage") {
    Batch batch;
    const std::vector<PipelineStage> stages{stage("a", "ok"), stage("b", "waits", {"a"})};
    const std::vector<PipelineStage> finally{stage("last", "ok")};
    CHECK(batch.run(stages, finally, StopReason::interrupt) == "a b ");
    CHECK(batch.state() == "interrupted");
    CHECK_THAT(batch.lastEvent(), Catch::Contains("sheafline resume b"));
    CHECK(batch.run(stages, finally, {}, "its owner had ended") == "b last ");
    CHECK(batch.state() == "completed");
    CHECK(batch.stages() == "a completed, b completed, last completed");
}

TEST_CASE("a cancel outranks an interrupt, whichever comes first") {
    for (const bool cancel_first : {false, true}) {
        CAPTURE(cancel_first);
        Batch batch;
        const Pipeline pipeline{
            .file = batch.folder() / "p.yaml", .name = "p", .stages = {stage("a", "ok")}};
        HistoryReader history = batch.reader();
        const BatchRow row = history.batch("b").value();
        const BatchEnvironment shared = batch.environment();
        Runner runner(pipeline, row, {}, shared, {});
        runner.stop(cancel_first ? StopReason::cancel : StopReason::interrupt);
        runner.stop(cancel_first ? StopReason::interrupt : StopReason::cancel);
        runner.run({});
        CHECK(batch.state() == "cancelled");
        CHECK(order.empty());
    }
}
