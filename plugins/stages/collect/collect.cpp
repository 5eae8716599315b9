// Joins the data of each sheet into the rows of the batch. There is one row per sheet: `status` is
// the sheet's state (read, quarantined, discarded), and only a sheet that was read has answers and
// a confidence. Nothing is collected unless every sheet has one of these states.
//
// When people's decisions are applied, only the rows that they change are made again.
//
//   checkpoint = execution " " sheet      ; the last sheet whose row is durable
#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/fault_point.h>
#include <sheafline/plugin.h>
#include <sheafline/text_pattern.h>

#include "batch_roster.h"
#include "scanned_twice.h"

namespace sheafline {

namespace {

constexpr int kRowsPerCheckpoint = 1000;
const std::string kDuplicate = "sheet:duplicate";
constexpr std::size_t kFlagsColumn = 7;  // of a row, see rowOf()

struct Options {
    std::string duplicates;
    RosterOptions roster;

    explicit Options(Params& p)
        : duplicates(
              p.choice("duplicates",
                       {.help = "which of several scans of a page counts: the first, the last, "
                                "or all, each with the flag sheet:duplicate",
                        .default_value = "flag",
                        .choices = {"first", "last", "flag"}})),
          roster(p) {
        if (!roster.code.empty()) TextPattern(roster.code);  // throws if it is wrong
    }
};

[[noreturn]] void reject(const std::string& message) {
    throw Error(ErrorClass::permanent, "SHEETS_DO_NOT_ADD_UP", message);
}

std::string named(const Sheet& sheet) {
    return "sheet " + std::to_string(sheet.number) + " (" + sheet.file + ")";
}

// Each entry of the archive is ignored or has a first page.
void checkEntries(const SheetTable& sheets) {
    const EntryCounts entries = sheets.entries();
    if (entries.total == 0) return;
    std::size_t with_sheets = 0;
    for (int number = 1; number <= static_cast<int>(sheets.size()); ++number)
        if (sheets.at(number).page == 1) ++with_sheets;
    if (with_sheets + entries.ignored == entries.total) return;
    reject("of " + std::to_string(entries.total) + " entries of the archive " +
           std::to_string(with_sheets) + " have sheets and " + std::to_string(entries.ignored) +
           " are ignored; run the batch again from its archive");
}

void checkSums(const SheetTable& sheets) {
    checkEntries(sheets);
    const std::size_t settled = sheets.count(SheetState::read) +
                                sheets.count(SheetState::quarantined) +
                                sheets.count(SheetState::discarded);
    if (settled == sheets.size()) return;
    for (int number = 1; number <= static_cast<int>(sheets.size()); ++number) {
        const Sheet sheet = sheets.at(number);
        if (sheet.state == SheetState::waiting) {
            reject(named(sheet) + " was never read, and " +
                   std::to_string(sheets.size() - settled - 1) +
                   " others; put a stage that reads the sheets before collect");
        }
    }
    reject("of " + std::to_string(sheets.size()) + " sheets " + std::to_string(settled) +
           " are accounted for");
}

std::string threeDecimals(double confidence) {
    const double share = confidence >= 0 ? std::min(confidence, 1.0) : 0;  // NaN becomes 0 too
    std::array<char, 16> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), share, std::chars_format::fixed, 3);
    return {text.data(), end.ptr};
}

// Empty for a sheet that was not read. Version 0.1.0 stored readings without counting their values:
// such a sheet is quarantined, so that it can be fixed and the others are collected.
std::optional<Reading> readingOf(Sheet& sheet, SheetTable& sheets, std::size_t columns) {
    if (sheet.state != SheetState::read) return std::nullopt;
    auto reading = sheets.reading(sheet.number);
    if (!reading)
        reject(named(sheet) +
               " counts as read but has no reading; read it again with: "
               "sheafline sheets fix");
    if (reading->values.size() == columns) return reading;
    sheets.quarantine(sheet.number, "its reading has " + std::to_string(reading->values.size()) +
                                        " values for " + std::to_string(columns) + " columns");
    sheet.state = SheetState::quarantined;
    return std::nullopt;
}

std::vector<std::string> rowOf(std::string_view batch_id, const Sheet& sheet,
                               const std::optional<Reading>& reading, std::size_t columns) {
    std::vector<std::string> row{std::string(batch_id),
                                 std::to_string(sheet.number),
                                 sheet.file,
                                 std::to_string(sheet.page),
                                 sheet.qr,
                                 sheet.group,
                                 std::string(toString(sheet.state))};
    if (!reading) {
        row.resize(row.size() + 1 + columns + 1);
        return row;
    }
    row.push_back(reading->flags);
    row.insert(row.end(), reading->values.begin(), reading->values.end());
    row.push_back(threeDecimals(reading->confidence));
    return row;
}

void addFlags(Reading& reading, const std::string& flags) {
    if (flags.empty()) return;
    reading.flags += reading.flags.empty() ? flags : ";" + flags;
}

class Collect : public Stage {
 public:
    explicit Collect(Params& params) : options_(params) {
        if (!options_.roster.file.empty()) roster_.emplace(options_.roster);
    }

    std::vector<std::string> columnsAfter(std::vector<std::string> columns) override {
        if (!roster_) return columns;
        const auto confidence = std::move(columns.back());
        columns.pop_back();
        for (const std::string& column : roster_->columns())
            if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
        columns.push_back(confidence);
        return columns;
    }

    void run(StageRun& run) override {
        SheetTable& sheets = run.sheets();
        sheets.flush();  // stores pending readings
        checkSums(sheets);
        const ScannedTwice scans(run);
        const int total = static_cast<int>(sheets.size());
        const std::size_t columns = addRosterColumns(run);
        const std::vector<int> numbers = sheetsToDo(run, scans);
        const auto say = [&](std::string message, int done) {
            run.progress().publish({.message = std::move(message),
                                    .done = static_cast<double>(done),
                                    .total = static_cast<double>(total)});
        };
        auto next = std::ranges::upper_bound(numbers, collectedBefore(run));
        say("Collecting results", next == numbers.begin() ? 0 : *(next - 1));
        while (next != numbers.end()) {
            throwIfStopped(run.stop());
            const auto end = numbers.end() - next > kRowsPerCheckpoint ? next + kRowsPerCheckpoint
                                                                       : numbers.end();
            for (; next != end; ++next) collect(run, scans, *next, columns);
            const int last = *(next - 1);
            faultPoint("collect.chunk");
            run.checkpoint(std::to_string(run.execution()) + " " + std::to_string(last));
            if (last < total) say("Collecting results", last);
        }
        std::string message = summary(sheets);
        if (roster_) message += ", " + roster_->publish(run);
        say(std::move(message), total);
    }

 private:
    // How many columns the readings have. The columns of the roster come after them; an earlier run
    // may have added them already.
    std::size_t addRosterColumns(StageRun& run) {
        SheetTable& sheets = run.sheets();
        std::vector<std::string> columns = sheets.columns();
        if (!roster_) return columns.size();
        const auto& added = roster_->columns();
        std::vector<std::string> others = sheets.rowColumns();
        const bool known = columns.size() >= added.size() &&
                           std::equal(added.rbegin(), added.rend(), columns.rbegin());
        if (known) {
            columns.resize(columns.size() - added.size());
            others.resize(others.size() - added.size() - 1);
        }
        for (const std::string& column : added) {
            if (std::ranges::find(others, column) == others.end()) continue;
            throw ConfigError("the roster's column '" + column +
                              "' is a column of the results already; rename it in " +
                              options_.roster.file.filename().string());
        }
        roster_->compare(run, columns);
        const std::size_t own = columns.size();
        columns.insert(columns.end(), added.begin(), added.end());
        if (!known) sheets.setColumns(std::move(columns));
        return own;
    }

    // A decision about one scan of a page may change the rows of its other scans, and with a roster
    // those of all sheets of a student.
    std::vector<int> sheetsToDo(StageRun& run, const ScannedTwice& scans) const {
        const auto changed = run.changedSheets();
        const auto was_duplicate = [&](int number) {
            const auto row = run.sheets().row(number);
            return row && row->size() > kFlagsColumn &&
                   (*row)[kFlagsColumn].find(kDuplicate) != std::string::npos;
        };
        // After a crash, some of the rows that could tell have been made already.
        if (changed && !roster_ && scans.empty() && collectedBefore(run) == 0 &&
            std::ranges::none_of(*changed, was_duplicate))
            return *changed;
        std::vector<int> all(run.sheets().size());
        std::iota(all.begin(), all.end(), 1);
        return all;
    }

    void collect(StageRun& run, const ScannedTwice& scans, int number, std::size_t columns) const {
        SheetTable& sheets = run.sheets();
        Sheet sheet = sheets.at(number);
        setDuplicateAside(sheet, sheets, scans);
        auto reading = readingOf(sheet, sheets, columns);
        if (reading && roster_) addFlags(*reading, roster_->flagsOf(number));
        if (reading && options_.duplicates == "flag" && !scans.othersOf(number).empty())
            addFlags(*reading, kDuplicate);
        auto row = rowOf(run.batchId(), sheet, reading, columns);
        if (roster_) {
            const auto joined = roster_->valuesOf(number);
            row.insert(row.end() - 1, joined.begin(), joined.end());
        }
        if (run.changedSheets() && sheets.row(number) == row) return;  // it stays as it is
        sheets.setRow(number, row);
    }

    // Of several scans of a page only one is kept, unless all are.
    void setDuplicateAside(Sheet& sheet, SheetTable& sheets, const ScannedTwice& scans) const {
        if (sheet.state != SheetState::read || options_.duplicates == "flag") return;
        const std::vector<int> others = scans.othersOf(sheet.number);
        if (others.empty()) return;
        const bool first = options_.duplicates == "first";
        const int other = first ? others.front() : others.back();
        if (first ? sheet.number < other : sheet.number > other) return;
        sheet.reason = "scanned again: sheet " + std::to_string(other) +
                       " is the same page and counts (duplicates: " + options_.duplicates + ")";
        sheets.quarantine(sheet.number, sheet.reason);
        sheet.state = SheetState::quarantined;
    }

    // The data that an earlier execution collected may have changed since.
    static int collectedBefore(const StageRun& run) {
        std::istringstream text(run.checkpoint().value_or(""));
        int execution = 0;
        int sheet = 0;
        return text >> execution >> sheet && execution == run.execution() ? sheet : 0;
    }

    static std::string summary(const SheetTable& sheets) {
        return "Collected " + std::to_string(sheets.size()) + " results (" +
               std::to_string(sheets.count(SheetState::read)) + " read, " +
               std::to_string(sheets.count(SheetState::quarantined)) + " quarantined, " +
               std::to_string(sheets.count(SheetState::discarded)) + " discarded)";
    }

    const Options options_;
    std::optional<BatchRoster> roster_{};
};

}  // namespace

}  // namespace sheafline

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "collect",
    .version = "1.0.0",
    .summary = "joins the results of all sheets into rows",
    .stage = sheafline::ProcessingStage::collecting_results,
    .weight = 1,
    .restart = sheafline::Restart::from_checkpoint,
    .rows_only = true,
    .params = sheafline::paramsOf<sheafline::Options>,
    .make_stage = sheafline::makeStage<sheafline::Collect>};
