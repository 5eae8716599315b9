// Artifacts of a batch with a lease: an owner that has lost the batch writes where no reader looks.
#include <fstream>
#include <latch>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "batch/lease/unnamed_artifacts.h"
#include "batch/lease/work_epoch.h"
#include "batch_in_test.h"
#include "history/reading/artifact_file.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)
using namespace sheafline::test;

namespace {

std::string content;
std::string seen;

// Says what it sees of the artifact, and replaces it.
void replaceArtifact(StageRun& run) {
    seen = "none";
    if (const auto before = run.artifactFile("math.csv")) {
        std::ifstream in(*before);
        seen.assign(std::istreambuf_iterator<char>(in), {});
    }
    std::ofstream(run.folder() / "out.csv") << content;
    run.artifact({.name = "math.csv", .path = run.folder() / "out.csv"});
}

const PluginDescriptor kStage{.name = "s",
                              .version = "1",
                              .stage = "counting",
                              .restart = Restart::from_item,
                              .make_stage = makeFunctionStage<replaceArtifact>};

void run(BatchInTest& batch, const std::string& text, bool holds = false) {
    content = text;
    BatchEnvironment environment = batch.environment();
    environment.holds_artifacts = holds;
    const PipelineStage use{.id = "a", .uses = "s"};
    std::latch ended(1);
    ActiveStage stage(environment, use, kStage, {}, {}, [&] { ended.count_down(); });
    ended.wait();
    REQUIRE(stage.end()->message.empty());
}

// The text of the file that the history names.
std::string visible(BatchInTest& batch) {
    const auto rows = batch.reader().artifacts("b");
    if (rows.empty()) return "none";
    std::ifstream in(epochFolder(batch.folder() / "batch", rows[0].epoch) / kArtifactFolder /
                     rows[0].name);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("each owner writes artifacts to its own folder, and the history names the newest") {
    BatchInTest batch({&kStage});
    run(batch, "of one server");
    batch.setEpoch(3);
    run(batch, "of the third owner");
    CHECK(seen == "of one server");
    CHECK(batch.folder().read("batch/artifacts/math.csv") == "of one server");
    CHECK(batch.folder().read("batch/epoch-3/artifacts/math.csv") == "of the third owner");
    // An owner that has lost the batch still moves its file.
    std::filesystem::create_directories(batch.folder() / "batch/epoch-2/artifacts");
    batch.folder().write("batch/epoch-2/artifacts/math.csv", "of an owner that hung");
    CHECK(visible(batch) == "of the third owner");
}

TEST_CASE("the artifacts of an apply with a lease are visible when it has succeeded") {
    const bool succeeds = GENERATE(true, false);
    BatchInTest batch({&kStage});
    batch.setEpoch(1);
    run(batch, "before");
    batch.commit({.batch_id = "b", .epoch = 1, .state = BatchState::completed});
    batch.setEpoch(2);
    batch.commit({.batch_id = "b",
                  .epoch = 2,
                  .apply = ApplyDecisions{.last = 1, .reversible = true},
                  .next_execution = NextExecution{},
                  .state = BatchState::running});
    run(batch, "after", true);
    CHECK(visible(batch) == "before");
    // Another server continues the apply, and its stages see what the first one has held back.
    batch.setEpoch(3);
    run(batch, "after, continued", true);
    CHECK(seen == "after");
    CHECK(visible(batch) == "before");
    batch.commit({.batch_id = "b",
                  .epoch = 3,
                  .state = succeeds ? BatchState::completed : BatchState::failed});
    CHECK(visible(batch) == (succeeds ? "after, continued" : "before"));
    CHECK(batch.reader().heldArtifacts("b").empty());
}

TEST_CASE("a stage of an apply sees the artifacts that earlier stages of the apply have made") {
    BatchInTest batch({&kStage});
    run(batch, "before");
    run(batch, "after", true);
    CHECK(seen == "before");
    run(batch, "again", true);
    CHECK(seen == "after");
    CHECK(visible(batch) == "before");
}

TEST_CASE("a work folder is emptied when another server has worked on the batch since") {
    const TemporaryFolder folder;
    const auto work = folder / "b";
    const auto has = [&](std::int64_t epoch) {
        useWorkFolder(work, epoch);
        const bool kept = std::filesystem::exists(work / "sheet.jpg");
        std::ofstream(work / "sheet.jpg") << "x";
        return kept;
    };
    CHECK_FALSE(has(0));
    CHECK(has(0));
    CHECK(has(1));        // the folder is of the time before leases
    CHECK(has(1));        // after a crash of the process
    CHECK(has(2));        // the same server resumes the batch
    CHECK_FALSE(has(4));  // another one had it
    CHECK(has(4));
    CHECK_FALSE(has(9));
}

TEST_CASE("the next owner removes the artifacts that the history does not name") {
    const TemporaryFolder place;
    const DataFolder folder(place.path());
    folder.prepare();
    History history(folder.history(), "owner");
    history.commit({.batch_id = "b", .create = NewBatch{.pipeline = "p", .params = "{}"}});
    const auto store = [&](std::int64_t epoch, const std::string& name, bool named, bool held) {
        std::filesystem::create_directories(folder.artifacts("b", epoch));
        std::ofstream(folder.artifacts("b", epoch) / name) << epoch;
        if (!named) return;
        history.commit(
            {.batch_id = "b", .epoch = epoch, .artifacts = {{.name = name, .held = held}}});
    };
    store(0, "old.csv", true, false);
    store(0, "moved.csv", false, false);
    store(1, "first.csv", true, false);
    store(1, "replaced.csv", true, false);
    store(1, "lost.csv", false, false);
    store(2, "replaced.csv", true, false);
    store(2, "held.csv", true, true);
    store(3, "present.csv", false, false);
    HistoryReader reader(folder.history());
    MemoryLog log;
    removeUnnamedArtifacts(folder, "b", 3, reader, log);
    std::set<std::string> left;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder.batch("b")))
        if (file.is_regular_file())
            left.insert(std::filesystem::relative(file.path(), folder.batch("b")));
    CHECK(left == std::set<std::string>{"artifacts/old.csv", "epoch-1/artifacts/first.csv",
                                        "epoch-2/artifacts/held.csv",
                                        "epoch-2/artifacts/replaced.csv",
                                        "epoch-3/artifacts/present.csv"});
    CHECK(log.text().empty());
    // Without a lease, the folder belongs to one owner, and files that people put there stay.
    store(0, "kept.csv", false, false);
    removeUnnamedArtifacts(folder, "b", 0, reader, log);
    CHECK(std::filesystem::exists(folder.artifacts("b", 0) / "kept.csv"));
}
