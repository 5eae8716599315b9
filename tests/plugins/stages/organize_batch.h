// A batch of drawn pages in memory, for the stage `organize_qr`.
#pragma once

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/sheets/encode_image.h>

#include "code_page.h"
#include "stage_outcome.h"
#include "temporary_folder.h"

namespace sheafline::test {

inline const ParamValues kParams{
    {"pattern", {.text = "(?<exam>[A-Z]+)-(?<class>[0-9A-Z]+)/(?<page>[0-9]+)/(?<student>[0-9]+)"}},
    {"group_by", {.text = "{exam}-{class}"}}};

// Runs the built processor in this process; outcomes come in the reverse order of the tasks.
class InlinePool : public WorkerPool {
 public:
    InlinePool(const WorkerSpec& spec, int& processed, int too_slow)
        : processed_(processed), too_slow_(spec.retry_timeouts ? 0 : too_slow) {
        Params params(spec.processor.params);
        processor_ = pluginUnderTest(spec.processor.name).make_processor(params);
        params.requireAllRead();
    }

    std::vector<std::string> columns() override { return processor_->columns(); }
    void run(const std::function<std::optional<SheetTask>()>& next,
             const std::function<void(const SheetOutcome&)>& done, std::stop_token stop) override {
        std::vector<SheetOutcome> outcomes;
        while (const auto task = next()) {
            ++processed_;
            if (task->number == too_slow_)
                outcomes.push_back(
                    {.task = *task, .reading = {.reason = "took longer"}, .timed_out = true});
            else
                outcomes.push_back({.task = *task, .reading = processor_->process(*task)});
        }
        std::ranges::reverse(outcomes);
        for (const auto& outcome : outcomes) {
            throwIfStopped(stop);
            done(outcome);
        }
    }

 private:
    std::unique_ptr<Processor> processor_;
    int& processed_;
    const int too_slow_;
};

class Run : public MemoryStageRun {
 public:
    using MemoryStageRun::MemoryStageRun;

    std::unique_ptr<WorkerPool> workers(const WorkerSpec& spec) override {
        regions.push_back(spec.processor.params.contains("region")
                              ? spec.processor.params.at("region").text
                              : "none");
        return std::make_unique<InlinePool>(spec, processed, too_slow);
    }

    std::vector<std::string> regions{};  // the pools were made with these values
    int processed = 0;
    int too_slow = 0;  // the sheet that exceeds its time limit
};

struct Batch {
    TemporaryFolder folder{};
    Run run{folder.path(), "organize"};

    // One page for each text; "" is a page with a line of print and no code, "blank" is white.
    explicit Batch(const std::vector<std::string>& codes) {
        std::vector<Sheet> list;
        for (std::size_t i = 0; i < codes.size(); ++i) {
            CodePage page;
            if (codes[i].empty())
                page.addLine();
            else if (codes[i] != "blank")
                page.add(450, 60, codes[i]);
            const auto jpeg = sheets::encodeJpeg(page.image(), 80);
            const std::string name = "page" + std::to_string(i + 1) + ".jpg";
            folder.write(name, {reinterpret_cast<const char*>(jpeg.data()), jpeg.size()});
            list.push_back(
                {.number = static_cast<int>(i) + 1, .file = name, .path = folder / name});
        }
        run.sheets().add(list);
        run.sheets().freeze();
    }

    // "1 MATH-7B/1/12 MATH-7B" or "2 no QR code found", one a line.
    std::string verdicts() {
        std::ostringstream text;
        for (const auto& row : run.sheets().content().rows) {
            const Sheet& sheet = row.sheet;
            const bool aside =
                sheet.state == SheetState::quarantined || sheet.state == SheetState::discarded;
            text << sheet.number << ' ' << (aside ? sheet.reason : sheet.qr + ' ' + sheet.group)
                 << '\n';
        }
        return text.str();
    }

    // The stage's folder for groups, sorted.
    std::set<std::string> groupFiles() {
        std::set<std::string> files;
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(run.folder() / "groups")) {
            if (entry.is_regular_file()) {
                files.insert(
                    std::filesystem::relative(entry.path(), run.folder() / "groups").string());
            }
        }
        return files;
    }

    std::string reportText() const {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
            if (entry.path().filename() == "codes.csv") {
                return folder.read(std::filesystem::relative(entry.path(), folder.path()).string());
            }
        }
        return "none";
    }
};

}  // namespace sheafline::test
