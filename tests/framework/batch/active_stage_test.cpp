// One attempt of one stage, run through its class.
#include "batch/active_stage.h"

#include <condition_variable>
#include <fstream>
#include <latch>
#include <map>
#include <mutex>
#include <system_error>

#include <catch2/catch.hpp>

#include "batch_in_test.h"

using namespace sheafline;
using test::BatchInTest;
using test::makeFunctionStage;
using Kind = AttemptEnd::Kind;

namespace {

void waitForStop(StageRun& run) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait(lock, run.stop(), [] { return false; });
    throwIfStopped(run.stop());
}

template <auto Body>
PluginDescriptor stageOf(Restart restart = Restart::from_item) {
    return {.name = "s",
            .version = "1",
            .stage = "counting",
            .restart = restart,
            .make_stage = makeFunctionStage<Body>};
}

// Runs one attempt to its end; `stop` asks it to stop at once.
AttemptEnd endOf(BatchInTest& batch, const PluginDescriptor& plugin, bool stop = false) {
    const BatchEnvironment environment = batch.environment();
    const PipelineStage use{.id = "a", .uses = "s"};
    std::latch ended(1);
    ActiveStage stage(environment, use, plugin, {}, {.checkpoint = "from before"},
                      [&] { ended.count_down(); });
    if (stop) stage.requestStop();
    ended.wait();
    return stage.end().value();
}

AttemptEnd endOf(const PluginDescriptor& plugin, bool stop = false) {
    BatchInTest batch({&plugin});
    return endOf(batch, plugin, stop);
}

}  // namespace

TEST_CASE("an attempt that returns has completed, and one that throws ends by what it threw") {
    CHECK(endOf(stageOf<[](StageRun&) {}>()).kind == Kind::completed);
    struct Case {
        PluginDescriptor plugin;
        Kind kind;
        ErrorClass error_class;
        std::string code;
        std::string message;
    };
    using enum ErrorClass;
    const std::vector<Case> cases{
        {stageOf<[](StageRun&) { throw Error(transient, "BUSY", "it is busy"); }>(), Kind::failed,
         transient, "BUSY", "it is busy"},
        {stageOf<[](StageRun&) { throw Error(permanent, "BAD", "it is bad"); }>(), Kind::failed,
         permanent, "BAD", "it is bad"},
        {stageOf<[](StageRun&) { throw Error(cancelled, "STOP", "as asked"); }>(), Kind::stopped,
         cancelled, "STOP", "as asked"},
        {stageOf<[](StageRun&) { throw ConfigError("no such column"); }>(), Kind::failed, permanent,
         "CONFIG", "no such column"},
        {stageOf<[](StageRun&) { throw std::runtime_error("oops"); }>(), Kind::failed, permanent,
         "STAGE_THREW", "the stage threw: oops"},
        {stageOf<[](StageRun&) { throw 7; }>(), Kind::failed, permanent, "STAGE_THREW",
         "the stage threw an object that is not a std::exception"},
        {stageOf<[](StageRun&) {
             throw std::filesystem::filesystem_error(
                 "x", "/secret/folder/f.txt", std::make_error_code(std::errc::no_space_on_device));
         }>(),
         Kind::failed, permanent, "DISK_FULL", "No space left on device: f.txt"},
        {stageOf<[](StageRun&) {
             throw std::filesystem::filesystem_error(
                 "x", "f.txt", std::make_error_code(std::errc::read_only_file_system));
         }>(),
         Kind::failed, permanent, "DISK_READONLY", "Read-only file system: f.txt"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.code);
        const AttemptEnd end = endOf(c.plugin);
        CHECK(end.kind == c.kind);
        CHECK(end.error_class == c.error_class);
        CHECK(end.code == c.code);
        CHECK(end.message == c.message);
    }
}

TEST_CASE("a request to stop reaches the stage, which ends as stopped") {
    CHECK(endOf(stageOf<waitForStop>(), true).kind == Kind::stopped);
    // A stage that has finished its work although it was asked to stop counts as completed.
    CHECK(endOf(stageOf<[](StageRun&) {}>(), true).kind == Kind::completed);
}

TEST_CASE("the folder of a stage is emptied only if it restarts from scratch") {
    constexpr auto kNothing = [](StageRun&) {};
    for (const Restart restart : {Restart::from_scratch, Restart::from_item}) {
        const PluginDescriptor plugin = stageOf<kNothing>(restart);
        BatchInTest batch({&plugin});
        const auto left = batch.work() / "stages" / "a" / "left.txt";
        std::filesystem::create_directories(left.parent_path());
        std::ofstream(left) << "left";
        CHECK(endOf(batch, plugin).kind == Kind::completed);
        CHECK(std::filesystem::exists(left) == (restart == Restart::from_item));
        CHECK(std::filesystem::exists(left.parent_path()));
    }
}

TEST_CASE("a stage reads its checkpoint, and a new one is durable once it is set") {
    static std::string before;
    const auto plugin = stageOf<[](StageRun& run) {
        before = run.checkpoint().value();
        run.checkpoint("half");
        CHECK(run.checkpoint() == "half");
    }>();
    BatchInTest batch({&plugin});
    batch.add("a");
    CHECK(endOf(batch, plugin).kind == Kind::completed);
    CHECK(before == "from before");
    CHECK(batch.reader().stages("b", 1).at(0).checkpoint == "half");
}

TEST_CASE("a checkpoint of more than 1 MiB is an error that names the remedy") {
    const auto end =
        endOf(stageOf<[](StageRun& run) { run.checkpoint(std::string(1 << 20, 'x') + "x"); }>());
    CHECK(end.code == "CHECKPOINT_TOO_LARGE");
    CHECK_THAT(end.message, Catch::Contains("write large state to a file"));
}

TEST_CASE("an artifact is moved and stored with its size and digest") {
    const auto plugin = stageOf<[](StageRun& run) {
        std::ofstream(run.folder() / "out.csv") << "abc";
        run.artifact({.name = "math.csv", .path = run.folder() / "out.csv"});
    }>();
    BatchInTest batch({&plugin});
    CHECK(endOf(batch, plugin).kind == Kind::completed);
    const auto rows = batch.reader().artifacts("b");
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].name == "math.csv");
    CHECK(rows[0].size_bytes == 3);
    CHECK(rows[0].sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(std::filesystem::exists(batch.folder() / "batch/artifacts/math.csv"));
    CHECK_FALSE(std::filesystem::exists(batch.work() / "stages/a/out.csv"));
}

TEST_CASE("an artifact whose name could leave its folder is rejected") {
    static std::string name;
    for (const char* bad : {"", ".", "..", ".hidden", "a/b", "/etc/passwd", "../x"}) {
        CAPTURE(bad);
        name = bad;
        const auto end = endOf(stageOf<[](StageRun& run) {
            std::ofstream(run.folder() / "out") << "abc";
            run.artifact({.name = name, .path = run.folder() / "out"});
        }>());
        CHECK(end.code == "ARTIFACT_NAME");
    }
}

TEST_CASE("impossible numbers in events are cleaned and logged once") {
    const auto plugin = stageOf<[](StageRun& run) {
        for (int i = 0; i < 3; ++i)
            run.progress().publish({.message = "x", .done = -1.0, .total = 0.0 / 0.0});
    }>();
    BatchInTest batch({&plugin});
    CHECK(endOf(batch, plugin).kind == Kind::completed);
    CHECK(batch.log() == "a: cleaned 3 events with impossible numbers or texts\n");
}
