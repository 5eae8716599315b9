// `plan`: what a batch would run and why, how long it would take and what space it would need. Time
// and artifacts come from earlier batches of this data folder. Nothing is written.
#include <array>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <limits>
#include <optional>
#include <string>

#include <sheafline/error.h>
#include <sheafline/json_writer.h>

#include "batch/batch_scope.h"
#include "command_parts/exit_status.h"
#include "command_parts/given_params.h"
#include "command_parts/installed_pipeline.h"
#include "commands/commands.h"
#include "history/history_reader.h"
#include "history/reading/past_runs.h"
#include "pipeline/pipeline_loader.h"
#include "terminal/text_table.h"
#include "zip/zip_directory.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kPlannedBatch = "plan";

struct InputSize {
    std::uint64_t packed = 0;
    std::uint64_t extracted = 0;
    std::optional<std::uint64_t> files{};  // not known for a PDF
};

InputSize inputSize(const fs::path& input) {
    const extract::ArchiveFile file(input, input.filename().string());
    InputSize size{.packed = file.size(), .extracted = file.size()};
    constexpr std::size_t kMark = 4;
    if (file.size() < kMark) return size;
    const auto mark = file.read(0, kMark);
    if (mark[0] != 'P' || mark[1] != 'K') {
        if (mark[0] != '%') size.files = 1;  // one image
        return size;
    }
    constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
    const auto zip = extract::readZipDirectory(
        file, {.max_bytes = kAny, .max_entries = kAny, .max_entry_bytes = kAny, .max_ratio = 1e18});
    size.extracted = 0;
    size.files = 0;
    for (const extract::ZipEntry& entry : zip.entries) {
        if (entry.isFolder()) continue;
        ++*size.files;
        size.extracted += entry.size;
    }
    return size;
}

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

// "yes", "no: …", or what decides it.
std::string runsText(const PipelineStage& stage, const ExpressionScope& scope) {
    if (stage.condition.empty()) return "yes";
    if (stage.condition.find("stages.") != std::string::npos ||
        stage.condition.find("batch.state") != std::string::npos)
        return "decided by earlier stages: " + stage.condition;
    const bool runs = evaluateCondition(stage.condition, scope);
    return (runs ? "yes: " : "no: ") + stage.condition + (runs ? " is true" : " is false");
}

class Estimate {
 public:
    Estimate(PastRuns past, InputSize input) : past_(std::move(past)), input_(input) {}

    std::string of(const std::string& stage, const std::string& runs) {
        if (runs.starts_with("no")) return "-";
        const auto known = past_.seconds_per_sheet.find(stage);
        if (known == past_.seconds_per_sheet.end() || !input_.files) {
            complete_ = false;
            return "not known";
        }
        const double seconds = known->second * static_cast<double>(*input_.files);
        total_ += seconds;
        return timeText(seconds);
    }

    void print(const fs::path& data_folder) const {
        if (past_.batches == 0)
            std::cout << "Time: not known, because no batch of this pipeline has completed here\n";
        else if (!input_.files)
            std::cout << "Time: not known before the pages of the input are counted\n";
        else
            std::cout << "Time: " << timeText(total_) << (complete_ ? "" : " and more") << ", from "
                      << past_.batches << (past_.batches == 1 ? " batch" : " batches")
                      << " of this data folder\n";
        const auto artifacts = static_cast<std::uint64_t>(
            past_.artifact_bytes_per_sheet * static_cast<double>(input_.files.value_or(0)));
        // The input is copied, and its files are extracted until cleanup.
        const std::uint64_t most = input_.packed + input_.extracted + artifacts;
        std::cout << "Disk: about " << shownSize(most) << " at most (" << shownSize(input_.packed)
                  << " input, " << shownSize(input_.extracted) << " extracted, "
                  << shownSize(artifacts) << " artifacts)";
        fs::path place = fs::absolute(data_folder);
        while (!fs::exists(place) && place != place.parent_path()) place = place.parent_path();
        std::error_code error;
        const auto space = fs::space(place, error);
        if (!error) std::cout << "; " << shownSize(space.available) << " are free";
        std::cout << '\n';
        if (!error && space.available < most)
            std::cout << "warning: that is not enough; free space in " << place.string()
                      << ", or set data-dir and work-dir to another file system\n";
    }

 private:
    const PastRuns past_;
    const InputSize input_;
    double total_ = 0;
    bool complete_ = true;
};

PastRuns pastRunsOf(const fs::path& history, const std::string& pipeline) {
    if (!fs::exists(history)) return {};
    HistoryReader reader(history);
    return pastRuns(reader.database(), pipeline);
}

}  // namespace

int planCommand(const EnvironmentOptions& options, const Settings& settings) {
    const PluginCatalog plugins(settings.plugin_folders);
    const Pipeline pipeline = namedPipeline(options.pipeline, plugins, settings);
    auto given = givenParams(options.set);
    if (options.input) given.emplace("input", *options.input);
    const ParamValues params = resolveParams(pipeline, given, fs::current_path(), true);
    const DataFolder folder(settings.data_folder, settings.work_folder);
    Redactor redactor;
    const ExpressionScope scope = batchScope(kPlannedBatch, params, pipeline, folder, redactor);
    const InputSize input = inputSize(options.input.value_or(""));
    std::cout << pipeline.name << " with " << options.input.value_or("") << ": ";
    if (input.files) std::cout << *input.files << (*input.files == 1 ? " file, " : " files, ");
    std::cout << shownSize(input.packed) << "\n\n";

    Estimate estimate(pastRunsOf(folder.history(), pipeline.name), input);
    std::vector<TableRow> rows{{"STAGE", "USES", "TIME", "RUNS"}};
    const auto add = [&](const PipelineStage& stage, const std::string& more) {
        const std::string runs = runsText(stage, scope);
        rows.push_back({stage.id, stage.uses, estimate.of(stage.id, runs), runs + more});
    };
    for (const PipelineStage& stage : pipeline.stages) {
        const bool waits = pipeline.review && pipeline.review->before == stage.id;
        add(stage, waits ? ", after people have decided what is in doubt" : "");
    }
    for (const PipelineStage& stage : pipeline.finally) add(stage, ", at the end in any case");
    writeTable(std::cout, rows);
    std::cout << '\n';
    estimate.print(settings.data_folder);
    return kDone;
}

}  // namespace sheafline
