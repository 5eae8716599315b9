// Reads the QR code of every sheet and sorts the sheets into groups by the named parts of its text.
//
// The param `region` or the sheet's template says where codes are. Otherwise the region is learned
// from the batch's first 64 sheets and stored in the checkpoint before any code is used, so every
// sheet is read with the same region, whatever the order, the number of workers, or restarts.
// Groups are made when all codes are known, because only then their number is known.
//
//     checkpoint = "region " region-or-nothing        (sheafline/sheets/find_code.h)
#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/durable_file.h>
#include <sheafline/fault_point.h>
#include <sheafline/plugin.h>
#include <sheafline/sheets/code_pattern.h>
#include <sheafline/sheets/find_code.h>
#include <sheafline/shown_text.h>

#include "code_evidence.h"
#include "code_report.h"
#include "foreign_codes.h"
#include "group_folder.h"
#include "option_checks.h"
#include "options.h"

namespace sheafline::organize_qr {

namespace {

constexpr std::size_t kLearnedSheets = 64;
constexpr std::string_view kCheckpoint = "region ";
constexpr const char* kBlankPage = "blank page";
constexpr std::size_t kHeldBack = 100;  // most sheets that are read again after a crash
constexpr double kReadingShare = 0.9;   // of the stage's work; linking is the rest

std::string foreignReason(const std::string& code) {
    return "the QR code '" + code + "' does not fit the pattern";
}

SheetTask taskOf(const Sheet& sheet) {
    return {.number = sheet.number,
            .attempt = sheet.attempt + 1,
            .path = sheet.path,
            .page = sheet.page};
}

class OrganizeQr : public Stage {
 public:
    explicit OrganizeQr(Params& params) : OrganizeQr(Options(params)) {}
    void run(StageRun& run) override;

 private:
    explicit OrganizeQr(Options options)
        : options_(std::move(options)),
          pattern_(patternOf(options_)),
          region_(givenRegion(options_)),
          codes_(codeNames(options_)) {
        requireGroupBy(options_, pattern_);
    }

    using Done = std::function<void(const SheetOutcome&)>;
    void read(StageRun& run, const std::vector<SheetTask>& tasks,
              const std::optional<sheets::CodeRegion>& region, const Done& done) const;
    std::optional<sheets::CodeRegion> regionOf(StageRun& run) const;
    void readCodes(StageRun& run, ForeignCodes& foreign) const;
    void settle(StageRun& run, const SheetOutcome& outcome) const;
    void reportBlankPages(StageRun& run) const;
    std::vector<CodedSheet> codedSheets(StageRun& run, const ForeignCodes& foreign) const;
    void makeGroups(StageRun& run, const std::vector<CodedSheet>& coded) const;
    void report(StageRun& run, const std::vector<CodedSheet>& coded) const;

    const Options options_;
    const sheets::CodePattern pattern_;
    const std::optional<sheets::CodeRegion> region_;
    const std::vector<std::string> codes_;
};

void OrganizeQr::run(StageRun& run) {
    ForeignCodes foreign(run.epochFolders());
    readCodes(run, foreign);
    reportBlankPages(run);
    const std::vector<CodedSheet> coded = codedSheets(run, foreign);
    report(run, coded);
    makeGroups(run, coded);
}

void OrganizeQr::read(StageRun& run, const std::vector<SheetTask>& tasks,
                      const std::optional<sheets::CodeRegion>& region, const Done& done) const {
    // An image that takes too long once does so again.
    WorkerSpec spec{.count = static_cast<int>(options_.workers),
                    .sheet_timeout = options_.sheet_timeout,
                    .retry_timeouts = false};
    spec.processor.name = "qr";
    spec.processor.params = {{"pattern", {.text = options_.pattern}},
                             {"check_digit", {.text = options_.check_digit}},
                             {"max_pixels", {.text = std::to_string(options_.max_pixels)}}};
    if (!codes_.empty()) spec.processor.params["codes"] = {.list = codes_, .is_list = true};
    if (region) spec.processor.params["region"] = {.text = toString(*region)};
    const auto pool = run.workers(spec);
    std::size_t next = 0;
    pool->run(
        [&]() -> std::optional<SheetTask> {
            if (next == tasks.size()) return std::nullopt;
            return tasks[next++];
        },
        done, run.stop());
}

// Returns the region that is given, stored by an earlier run, or learned now.
std::optional<sheets::CodeRegion> OrganizeQr::regionOf(StageRun& run) const {
    if (region_) return region_;
    if (const auto stored = run.checkpoint(); stored && stored->starts_with(kCheckpoint)) {
        const std::string text = stored->substr(kCheckpoint.size());
        return text.empty() ? std::nullopt : std::optional(sheets::parseRegion(text));
    }
    run.progress().publish({.message = "Learning where the QR codes lie"});
    std::vector<SheetTask> tasks;
    const std::size_t count = std::min(kLearnedSheets, run.sheets().size());
    for (std::size_t i = 1; i <= count; ++i) {
        const Sheet sheet = run.sheets().at(static_cast<int>(i));
        if (sheet.state == SheetState::waiting) tasks.push_back(taskOf(sheet));
    }
    // By number: outcomes come in any order.
    std::map<int, sheets::FoundCode> found;
    read(run, tasks, std::nullopt, [&](const SheetOutcome& outcome) {
        if (outcome.timed_out) return settle(run, outcome);  // never read twice
        if (outcome.attempt_failed || !outcome.reading.reason.empty()) return;
        found[outcome.task.number] = foundCode(outcome.reading);
    });
    std::vector<sheets::FoundCode> codes;
    codes.reserve(found.size());
    for (const auto& [number, code] : found) codes.push_back(code);
    const auto region = sheets::learnRegion(codes);
    faultPoint("organize_qr.learned");
    run.checkpoint(std::string(kCheckpoint) + (region ? toString(*region) : ""));
    return region;
}

void OrganizeQr::readCodes(StageRun& run, ForeignCodes& foreign) const {
    SheetTable& table = run.sheets();
    const int total = static_cast<int>(table.size());
    std::vector<SheetTask> tasks;
    for (int number = 1; number <= total; ++number) {
        const Sheet sheet = table.at(number);
        // Codes of an earlier run of this stage, and those that a person entered, are kept.
        if (sheet.state != SheetState::waiting || !sheet.qr.empty()) continue;
        tasks.push_back(taskOf(sheet));
    }
    if (tasks.empty()) return;

    const auto region = regionOf(run);
    std::erase_if(tasks, [&](const SheetTask& task) {
        return table.at(task.number).state != SheetState::waiting;
    });
    int done = total - static_cast<int>(tasks.size());
    std::vector<SheetOutcome> held_back;
    const auto settleHeldBack = [&] {
        if (!held_back.empty()) foreign.sync();
        for (const auto& outcome : held_back) settle(run, outcome);
        held_back.clear();
    };
    read(run, tasks, region, [&](const SheetOutcome& outcome) {
        const auto codes = foreignCodes(outcome.reading);
        if (codes.empty()) {
            settle(run, outcome);
        } else {
            foreign.note(outcome.task.number, codes);
            held_back.push_back(outcome);
            if (held_back.size() == kHeldBack) settleHeldBack();
        }
        if (outcome.attempt_failed) return;
        ++done;
        faultPoint("organize_qr.sheet");
        run.progress().publish({.message = "Reading QR codes: " + std::to_string(done) + "/" +
                                           std::to_string(total) + " sheets",
                                .done = kReadingShare * done,
                                .total = static_cast<double>(total)});
    });
    settleHeldBack();
    table.flush();
}

void OrganizeQr::settle(StageRun& run, const SheetOutcome& outcome) const {
    const int number = outcome.task.number;
    if (outcome.attempt_failed) {
        run.sheets().countAttempt(number);
        return;
    }
    const Reading& reading = outcome.reading;
    if (options_.blank_pages == "ignore" && isBlank(reading)) {
        run.sheets().discard(number, kBlankPage);
        return;
    }
    const auto parts = reading.reason.empty() ? pattern_.match(reading.values.at(0)) : std::nullopt;
    if (parts) {
        run.sheets().setCode(number, reading.values[0],
                             sheets::fillForm(options_.group_by, *parts));
        return;
    }
    const std::string reason =
        reading.reason.empty() ? foreignReason(reading.values[0]) : reading.reason;
    if (options_.on_unreadable == "fail") {
        throw Error(ErrorClass::permanent, "SHEET_UNREADABLE",
                    run.sheets().at(number).file + ": " + reason +
                        "; remove it from the archive, or set on_unreadable: quarantine");
    }
    run.sheets().quarantine(number, reason);
}

void OrganizeQr::reportBlankPages(StageRun& run) const {
    const std::size_t total = run.sheets().size();
    std::size_t blank = 0;
    for (int number = 1; number <= static_cast<int>(total); ++number)
        blank += run.sheets().at(number).reason == kBlankPage ? 1 : 0;
    if (blank == 0) return;
    if (blank == total)
        throw Error(
            ErrorClass::permanent, "ALL_PAGES_BLANK",
            (total == 1 ? "the only page is" : "all " + std::to_string(total) + " pages are") +
                std::string(" blank; scan the printed side, or set blank_pages: sheet"));
    run.progress().publish({.message = "Discarded " + std::to_string(blank) + " of " +
                                       counted(total, "page") +
                                       (blank == 1 ? ": it is blank" : ": they are blank"),
                            .done = kReadingShare * static_cast<double>(total),
                            .total = static_cast<double>(total),
                            .kind = EventKind::step});
}

std::vector<CodedSheet> OrganizeQr::codedSheets(StageRun& run, const ForeignCodes& foreign) const {
    std::vector<CodedSheet> coded;
    for (int number = 1; number <= static_cast<int>(run.sheets().size()); ++number) {
        CodedSheet entry{.sheet = run.sheets().at(number)};
        Sheet& sheet = entry.sheet;
        if (sheet.state == SheetState::discarded) continue;
        if (auto parts = pattern_.match(sheet.qr); parts && !sheet.qr.empty()) {
            entry.parts = std::move(*parts);
            // A code that a person typed in has no group yet.
            const std::string group = sheets::fillForm(options_.group_by, entry.parts);
            if (sheet.group != group) run.sheets().setCode(number, sheet.qr, group);
            sheet.group = group;
        } else if (!sheet.qr.empty()) {
            sheet.reason = foreignReason(sheet.qr);
            if (sheet.state == SheetState::waiting) run.sheets().quarantine(number, sheet.reason);
            sheet.state = SheetState::quarantined;
            entry.only_foreign = true;
            sheet.qr.clear();
        }
        // An earlier execution may have had another pattern.
        std::ranges::copy_if(foreign.of(number), std::back_inserter(entry.foreign),
                             [&](const std::string& code) { return !pattern_.match(code); });
        if (sheet.qr.empty()) entry.only_foreign = entry.only_foreign || !entry.foreign.empty();
        coded.push_back(std::move(entry));
    }
    return coded;
}

void OrganizeQr::makeGroups(StageRun& run, const std::vector<CodedSheet>& coded) const {
    std::vector<std::string> order;
    std::map<std::string, std::vector<const Sheet*>> groups;
    const auto changed = run.changedSheets();  // the files of the others may no longer exist
    for (const auto& entry : coded) {
        if (entry.parts.empty() || entry.sheet.state == SheetState::quarantined) continue;
        if (changed &&
            (entry.sheet.path.empty() || !std::ranges::binary_search(*changed, entry.sheet.number)))
            continue;
        auto& members = groups[entry.sheet.group];
        if (members.empty()) order.push_back(entry.sheet.group);
        members.push_back(&entry.sheet);
    }

    // Links of an earlier run may be in a group that their sheet has left.
    const auto all_groups = run.folder() / "groups";
    std::filesystem::remove_all(all_groups);
    const auto total = static_cast<double>(run.sheets().size());
    double linked = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        throwIfStopped(run.stop());
        const auto folder = all_groups / folderName(order[i]);
        std::filesystem::create_directories(folder);
        for (const Sheet* sheet : groups[order[i]]) linkSheet(folder, *sheet);
        linked += static_cast<double>(groups[order[i]].size());
        faultPoint("organize_qr.group");
        const bool last = i + 1 == order.size();
        const double done = kReadingShare * total + (1 - kReadingShare) * linked;
        run.progress().publish({.message = "Processing chunk " + std::to_string(i + 1) + "/" +
                                           std::to_string(order.size()) + ": QR code " + order[i],
                                .done = last ? total : done,
                                .total = total,
                                .kind = EventKind::step});
    }
    if (order.empty()) {
        run.progress().publish(
            {.message = changed ? "Sorted the changed sheets" : "No sheet has a readable QR code",
             .done = total,
             .total = total});
    }
}

// Usually no sheet was scanned twice, and then the batch has no such file. An empty one replaces
// that of an earlier epoch.
void reportScannedTwice(const StageRun& run, const std::string& list) {
    const auto path = run.epochFolders().back() / "scanned-twice";
    if (list.empty() && run.epoch() == 0) {
        std::filesystem::remove(path);
        return;
    }
    DurableFile scans(path);
    scans.write(list);
    scans.publish();
}

void OrganizeQr::report(StageRun& run, const std::vector<CodedSheet>& coded) const {
    std::vector<std::string> expected;
    if (!options_.expected.empty()) expected = readExpected(options_.expected);
    DurableFile file(run.folder() / "codes.csv");
    file.write(toCsv(findFindings(coded, expected)));
    file.publish();
    reportScannedTwice(run, scannedTwice(coded));
    run.artifact({.name = "codes.csv", .path = run.folder() / "codes.csv"});
}

}  // namespace

}  // namespace sheafline::organize_qr

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "organize_qr",
    .version = "0.1.0",
    .summary = "reads the sheets' QR codes and groups the sheets by them",
    .stage = sheafline::ProcessingStage::organizing_qr,
    .weight = 2,
    .restart = sheafline::Restart::from_checkpoint,
    .rebuilds = true,
    .groups_sheets = true,
    .params = sheafline::paramsOf<sheafline::organize_qr::Options>,
    .make_stage = sheafline::makeStage<sheafline::organize_qr::OrganizeQr>};
