// `plan`: what a batch would run and why, how long it would take and what space it would need. Time
// and artifacts come from earlier batches of this data folder. Nothing is written.
#include <array>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <string>

#include <sheafline/json_writer.h>
#include <sheafline/shown_text.h>

#include "batch/batch_scope.h"
#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "commands/pipelines/batch_plan.h"
#include "commands/pipelines/chosen_pipeline.h"
#include "history/history_reader.h"
#include "history/reading/past_runs.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPlannedBatch = "plan";

// Rounded for people: "12.3 MB", decimal.
std::string shownSize(std::uint64_t bytes) {
    constexpr std::array<const char*, 4> kUnits{"kB", "MB", "GB", "TB"};
    double size = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    for (; size >= 1000 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
    return JsonWriter().fixed(size, 1).take() + " " + kUnits.at(unit);
}

std::string timeText(double seconds) {
    const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
    if (seconds < 1) return "under 1 s";
    if (whole < 120) return std::to_string(whole) + " s";
    constexpr std::int64_t kHour = 3600;
    if (whole < 2 * kHour) return std::to_string((whole + 59) / 60) + " min";
    return std::to_string((whole + kHour - 1) / kHour) + " h";
}

StageForecast::Runs runsOf(const PipelineStage& stage, const ExpressionScope& scope) {
    if (stage.condition.empty()) return StageForecast::Runs::yes;
    if (stage.condition.find("stages.") != std::string::npos ||
        stage.condition.find("batch.state") != std::string::npos)
        return StageForecast::Runs::decided_later;
    return evaluateCondition(stage.condition, scope) ? StageForecast::Runs::yes
                                                     : StageForecast::Runs::no;
}

PastRuns pastRunsOf(const sql::Place& history, const std::string& pipeline) {
    if (history.url.empty() && !fs::exists(history.file)) return {};
    HistoryReader reader(history);
    return pastRuns(reader.database(), pipeline);
}

void findDisk(BatchPlan& plan, const fs::path& data_folder) {
    fs::path place = fs::absolute(data_folder);
    while (!fs::exists(place) && place != place.parent_path()) place = place.parent_path();
    plan.disk = place.string();
    std::error_code error;
    const auto space = fs::space(place, error);
    if (!error) plan.free_bytes = space.available;
}

BatchPlan planOf(const ChosenPipeline& chosen, const std::string& input, const Settings& settings) {
    const Pipeline& pipeline = chosen.pipeline;
    const DataFolder folder(settings.data_folder, settings.work_folder);
    Redactor redactor;
    const ExpressionScope scope =
        batchScope(kPlannedBatch, chosen.params, pipeline, folder, redactor);
    BatchPlan plan{.pipeline = pipeline.name, .input = input, .size = inputSize(input)};
    const PastRuns past = pastRunsOf(folder.history(), pipeline.name);
    plan.past_batches = static_cast<std::uint64_t>(past.batches);
    const auto files = static_cast<double>(plan.size.files.value_or(0));
    plan.artifact_bytes = static_cast<std::uint64_t>(past.artifact_bytes_per_sheet * files);
    const auto add = [&](const PipelineStage& stage) -> StageForecast& {
        StageForecast planned{.id = stage.id, .uses = stage.uses, .condition = stage.condition};
        planned.runs = runsOf(stage, scope);
        const auto known = past.seconds_per_sheet.find(stage.id);
        if (planned.runs != StageForecast::Runs::no && plan.size.files &&
            known != past.seconds_per_sheet.end())
            planned.seconds = known->second * files;
        return plan.stages.emplace_back(std::move(planned));
    };
    for (const PipelineStage& stage : pipeline.stages)
        add(stage).after_review = pipeline.review && pipeline.review->before == stage.id;
    for (const PipelineStage& stage : pipeline.finally) add(stage).at_end = true;
    findDisk(plan, folder.store());
    return plan;
}

// "yes", "no: …", or what decides it.
std::string runsText(const StageForecast& stage) {
    if (stage.runs == StageForecast::Runs::decided_later)
        return "decided by earlier stages: " + stage.condition;
    std::string text = "yes";
    if (!stage.condition.empty()) {
        const bool runs = stage.runs == StageForecast::Runs::yes;
        text = (runs ? "yes: " : "no: ") + stage.condition + (runs ? " is true" : " is false");
    }
    if (stage.after_review) text += ", after people have decided what is in doubt";
    if (stage.at_end) text += ", at the end in any case";
    return text;
}

void printStages(const BatchPlan& plan) {
    std::cout << plan.pipeline << " with " << plan.input << ": ";
    if (plan.size.files) std::cout << counted(*plan.size.files, "file") << ", ";
    std::cout << shownSize(plan.size.packed_bytes) << "\n\n";
    std::vector<TableRow> rows{{"STAGE", "USES", "TIME", "RUNS"}};
    for (const StageForecast& stage : plan.stages) {
        std::string time = stage.seconds ? timeText(*stage.seconds) : "not known";
        if (stage.runs == StageForecast::Runs::no) time = "-";
        rows.push_back({stage.id, stage.uses, std::move(time), runsText(stage)});
    }
    writeTable(std::cout, rows);
    std::cout << '\n';
}

void printTime(const BatchPlan& plan) {
    if (plan.past_batches == 0)
        std::cout << "Time: not known, because no batch of this pipeline has completed here\n";
    else if (!plan.size.files)
        std::cout << "Time: not known before the pages of the input are counted\n";
    else
        std::cout << "Time: " << timeText(plan.seconds().value_or(0))
                  << (plan.everyTimeIsKnown() ? "" : " and more") << ", from "
                  << counted(plan.past_batches, "batch", "batches") << " of this data folder\n";
}

void printDisk(const BatchPlan& plan) {
    std::cout << "Disk: about " << shownSize(plan.bytes()) << " at most ("
              << shownSize(plan.size.packed_bytes) << " input, "
              << shownSize(plan.size.extracted_bytes) << " extracted, "
              << shownSize(plan.artifact_bytes) << " artifacts)";
    if (plan.free_bytes) std::cout << "; " << shownSize(*plan.free_bytes) << " are free";
    std::cout << '\n';
    if (!plan.fits())
        std::cout << "warning: that is not enough; free space in " << plan.disk
                  << ", or set data-dir and work-dir to another file system\n";
}

}  // namespace

int planCommand(const EnvironmentOptions& options, const Settings& settings) {
    const ChosenPipeline chosen(options, settings);
    const BatchPlan plan = planOf(chosen, options.input.value_or(""), settings);
    if (options.json) {
        std::cout << planJson(plan) << '\n';
        return kDone;
    }
    printStages(plan);
    printTime(plan);
    printDisk(plan);
    return kDone;
}

}  // namespace sheafline
