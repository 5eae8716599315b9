// What a resumed batch does, depending on the rows of its stages.
#include "batch/resume_plan.h"

#include <stdexcept>

#include <catch2/catch.hpp>

#include "base/clocks.h"
#include "pipeline/fingerprint.h"
#include "temporary_folder.h"

using namespace sheafline;
using Fate = PlannedStage::Fate;

namespace {

const PluginDescriptor kPlain{.name = "plain", .version = "1"};
const PluginDescriptor kUnpacks{.name = "unpacks", .version = "1", .rebuilds = true};
const PluginDescriptor kReads{.name = "reads", .version = "1", .reads_sheets = true};
const PluginDescriptor kGroups{.name = "groups", .version = "1", .groups_sheets = true};

struct ResumedBatch {
    TemporaryFolder folder;
    PluginCatalog plugins{std::vector<PluginEntry>{
        {&kGroups, {}, {}}, {&kPlain, {}, {}}, {&kReads, {}, {}}, {&kUnpacks, {}, {}}}};
    Pipeline pipeline{.file = folder / "p.yaml",
                      .stages = {{.id = "unpack", .uses = "unpacks"},
                                 {.id = "group", .uses = "groups", .needs = {"unpack"}},
                                 {.id = "read", .uses = "reads", .needs = {"group"}},
                                 {.id = "write", .uses = "plain", .needs = {"read"}}}};
    BatchRow batch{.batch_id = "b",
                   .sheets_total = 10,
                   .sheets_read = 4,
                   .sheets_quarantined = 1,
                   .sheets_discarded = 1};
    std::vector<StageRow> rows;

    ResumedBatch() { std::filesystem::create_directories(folder / "work/stages/unpack"); }

    void ran(const std::string& id, StageState state) {
        const auto use = std::ranges::find(pipeline.stages, id, &PipelineStage::id);
        rows.push_back({.stage_id = id,
                        .state = state,
                        .fingerprint = fingerprintOf(*use, plugins, {}, pipeline.file),
                        .boot_id = bootId()});
    }
    ResumePlan plan() const {
        return planResume(pipeline, batch, rows, plugins, {}, folder / "work");
    }
    // "unpack is kept; group starts 10": each stage with its fate and its sheets.
    std::string fates() const {
        std::string text;
        for (const PlannedStage& stage : plan().stages) {
            text += (text.empty() ? "" : "; ") + stage.stage_id + " " +
                    std::string(toString(stage.fate));
            if (stage.sheets > 0) text += " " + std::to_string(stage.sheets);
        }
        return text;
    }
    void change(const std::string& id) {  // an option of this stage
        const auto use = std::ranges::find(pipeline.stages, id, &PipelineStage::id);
        use->with["option"].value.text += "x";
    }
};

}  // namespace

TEST_CASE("a stage that never ran starts with all sheets") {
    const ResumedBatch batch;
    CHECK(batch.fates() == "unpack starts 10; group starts 10; read starts 10; write starts 10");
    CHECK_FALSE(batch.plan().nextExecution());
}

TEST_CASE("completed and skipped stages are kept, and an interrupted one continues") {
    ResumedBatch batch;
    batch.ran("unpack", StageState::completed);
    batch.ran("group", StageState::skipped);
    batch.ran("read", StageState::running);
    CHECK(batch.fates() == "unpack is kept; group is kept; read continues 4; write starts 10");
    CHECK(batch.plan().of("read").why == "it had not ended");
    CHECK_FALSE(batch.plan().nextExecution());
    CHECK(batch.plan().readings == SheetChoice::none);
}

TEST_CASE("a stage without a fingerprint was never started, whatever its state is") {
    ResumedBatch batch;
    batch.rows.push_back({.stage_id = "unpack", .state = StageState::completed});
    CHECK(batch.plan().of("unpack").fate == Fate::starts);
}

TEST_CASE("extracted files that are gone are restored, unless the stage was skipped") {
    ResumedBatch batch;
    batch.ran("unpack", StageState::completed);
    CHECK(batch.plan().of("unpack").fate == Fate::done);
    std::filesystem::remove_all(batch.folder / "work/stages/unpack");
    CHECK(batch.plan().of("unpack").fate == Fate::rebuilds);
    CHECK_FALSE(batch.plan().nextExecution());
    std::filesystem::create_directories(batch.folder / "work/stages/unpack");
    batch.rows[0].boot_id = "an earlier start of the machine";
    CHECK(batch.plan().of("unpack").fate == Fate::rebuilds);
    batch.rows[0].state = StageState::skipped;
    CHECK(batch.plan().of("unpack").fate == Fate::done);
}

TEST_CASE("a stage with another option runs again, and so do all that need it") {
    ResumedBatch batch;
    for (const char* id : {"unpack", "group", "read", "write"})
        batch.ran(id, StageState::completed);
    batch.change("group");
    CHECK(batch.fates() ==
          "unpack is kept; group runs again 10; read runs again 10; write runs again 10");
    const ResumePlan plan = batch.plan();
    CHECK(plan.of("read").why == "group runs again");
    CHECK(plan.readings == SheetChoice::all);
    CHECK(plan.codes == SheetChoice::all);
    const auto next = plan.nextExecution();
    REQUIRE(next);
    REQUIRE(next->reruns.size() == 3);
    CHECK(next->reruns[0].stage_id == "group");
    CHECK_FALSE(next->reruns[0].keeps_checkpoint);
}

TEST_CASE("a change in the last stage reads no sheet again") {
    ResumedBatch batch;
    for (const char* id : {"unpack", "group", "read", "write"})
        batch.ran(id, StageState::completed);
    batch.change("write");
    const ResumePlan plan = batch.plan();
    CHECK(plan.of("write").fate == Fate::reruns);
    CHECK(plan.of("read").fate == Fate::done);
    CHECK(plan.readings == SheetChoice::none);
    CHECK(plan.codes == SheetChoice::none);
    CHECK(plan.nextExecution()->reruns.size() == 1);
}

TEST_CASE("stages are planned after those that they need, in whatever order the file lists them") {
    ResumedBatch batch;
    for (const char* id : {"unpack", "group", "read", "write"})
        batch.ran(id, StageState::completed);
    std::ranges::reverse(batch.pipeline.stages);
    batch.change("unpack");
    CHECK(batch.fates() ==
          "unpack runs again 10; group runs again 10; read runs again 10; write runs again 10");
}

TEST_CASE("a question about a stage that the plan does not have is a bug") {
    CHECK_THROWS_AS(ResumedBatch().plan().of("nobody"), std::out_of_range);
}
