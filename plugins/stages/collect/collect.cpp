// Joins the data of the sheets into the rows of the batch. There is one row per sheet: `status` is
// the sheet's state (read, quarantined, discarded), and only a sheet that was read has answers and
// a confidence. Nothing is collected unless every sheet has one of these states.
//
// With `rows: student` there is one row per student instead, see student_groups.h. The other sheets
// of the student keep what is known about them without their answers, see collected_row.h.
//
// When people's decisions are applied, only the rows that they change are made again.
//
//   checkpoint = execution " " sheet      ; the last sheet whose row is durable
#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <sheafline/collected_row.h>
#include <sheafline/fault_point.h>
#include <sheafline/plugin.h>
#include <sheafline/shown_text.h>

#include "batch_roster.h"
#include "collect_options.h"
#include "scanned_twice.h"
#include "settled_sheets.h"
#include "sheet_row.h"
#include "student_groups.h"
#include "student_row.h"

namespace sheafline {

namespace {

constexpr std::size_t kSheetColumn = 1;
constexpr int kRowsPerCheckpoint = 1000;
const std::string kDuplicate = "sheet:duplicate";
class Collect : public Stage {
 public:
    explicit Collect(Params& params) : options_(params), form_(options_.load()) {
        if (!options_.roster.file.empty() || options_.by_student) roster_.emplace(options_.roster);
    }

    void preflightRows(const std::vector<std::string>& columns, std::stop_token) override {
        if (!options_.by_student) return;
        try {
            StudentRows::requireColumns(columns, formOrNull());
        } catch (const ConfigError& error) {
            throw Error(ErrorClass::permanent, "CONFIG", error.what());
        }
    }

    // Also for columns that an earlier run has added already.
    std::vector<std::string> columnsAfter(std::vector<std::string> columns) override {
        if (!roster_) return columns;
        const auto confidence = std::move(columns.back());
        columns.pop_back();
        if (options_.by_student)
            columns.erase(std::ranges::find(columns, kSheetsOfStudent), columns.end());
        for (const std::string& column : addedTo(columns))
            if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
        columns.push_back(confidence);
        return columns;
    }

    void run(StageRun& run) override {
        SheetTable& sheets = run.sheets();
        sheets.flush();  // stores pending readings
        requireSettled(sheets);
        const std::vector<std::string> columns = addColumns(run);
        if (roster_) roster_->compare(run, columns, rosterRules());
        const ScannedTwice scans(run, samePages());
        if (options_.by_student)
            collectStudents(run, scans, columns);
        else
            collectSheets(run, scans, columns.size());
    }

 private:
    using Progress = std::function<void(std::string message, int done)>;

    const sheets::Template* formOrNull() const { return form_ ? &*form_ : nullptr; }

    RosterRules rosterRules() const {
        RosterRules rules{.pages = options_.roster.pages, .all_named = options_.by_student};
        if (form_ && rules.pages == 0) rules.pages = static_cast<int>(form_->pages.size());
        if (form_) rules.unread = form_->placeholder;
        if (form_) rules.blank = form_->empty_value;
        return rules;
    }

    GroupRules groupRules() const {
        return {.unread = rosterRules().unread,
                .is_of_other_exam = [this](int sheet) { return roster_->isOfOtherExam(sheet); }};
    }

    // What is added to the columns of the readings.
    std::vector<std::string> addedTo(const std::vector<std::string>& columns) const {
        std::vector<std::string> added;
        if (options_.by_student) added = StudentRows::addedTo(columns);
        added.insert(added.end(), roster_->columns().begin(), roster_->columns().end());
        return added;
    }

    // The columns of the readings, without those of addedTo(), which an earlier run may have added
    // already.
    std::vector<std::string> addColumns(StageRun& run) {
        SheetTable& sheets = run.sheets();
        std::vector<std::string> columns = sheets.columns();
        if (!roster_) return columns;
        const auto mark = std::ranges::find(columns, kSheetsOfStudent);
        std::vector<std::string> own(columns.begin(), mark);
        const auto& list = roster_->columns();
        const bool known = options_.by_student
                               ? mark != columns.end()
                               : columns.size() >= list.size() &&
                                     std::equal(list.rbegin(), list.rend(), columns.rbegin());
        if (!options_.by_student) {
            own = columns;
            if (known) own.resize(own.size() - list.size());
        }
        const std::vector<std::string> added = addedTo(own);
        std::vector<std::string> taken(sheetColumns().begin(), sheetColumns().end());
        taken.insert(taken.end(), own.begin(), own.end());
        taken.insert(taken.end(), added.begin(), added.end() - static_cast<long>(list.size()));
        taken.emplace_back("confidence");
        for (const std::string& column : list) {
            if (std::ranges::find(taken, column) == taken.end()) continue;
            throw ConfigError("the roster's column '" + column +
                              "' is a column of the results already; rename it in " +
                              options_.roster.file.filename().string());
        }
        columns = own;
        columns.insert(columns.end(), added.begin(), added.end());
        if (!known) sheets.setColumns(std::move(columns));
        return own;
    }

    // In rows of students, a page has one sheet.
    std::vector<std::pair<int, int>> samePages() const {
        std::vector<std::pair<int, int>> same;
        if (!options_.by_student) return same;
        const GroupRules rules = groupRules();
        std::map<std::pair<std::string, int>, int> first;
        for (const SeenSheet& sheet : roster_->seen()) {
            if (!sheet.is_read || !isIdentified(sheet, rules)) continue;
            const auto [known, is_first] =
                first.emplace(std::pair(sheet.student, sheet.page), sheet.number);
            if (!is_first) same.emplace_back(sheet.number, known->second);
        }
        return same;
    }

    void collectSheets(StageRun& run, const ScannedTwice& scans, std::size_t columns) {
        const auto make_row = [&](int number) {
            SheetTable& sheets = run.sheets();
            Sheet sheet = sheets.at(number);
            setDuplicateAside(sheet, sheets, scans);
            auto reading = settledReading(sheet, sheets, columns);
            if (reading) addFlags(reading->flags, flagsOf(number, scans));
            auto row = rowOf(run.batchId(), sheet, reading, columns);
            if (roster_) join(row, number);
            return row;
        };
        setRows(run, sheetsToDo(run, scans), make_row);
        finish(run, counted(run.sheets().size(), "result"));
    }

    void collectStudents(StageRun& run, const ScannedTwice& scans,
                         const std::vector<std::string>& columns) {
        SheetTable& sheets = run.sheets();
        const int total = static_cast<int>(sheets.size());
        for (int number = 1; number <= total; ++number) {
            Sheet sheet = sheets.at(number);
            setDuplicateAside(sheet, sheets, scans);
        }
        std::vector<SeenSheet> seen = roster_->seen();
        std::map<int, std::string> flags;
        for (SeenSheet& sheet : seen) {
            sheet.is_read = sheets.at(sheet.number).state == SheetState::read;
            flags[sheet.number] = flagsOf(sheet.number, scans);
        }
        const std::vector<StudentGroup> groups = groupByStudent(seen, groupRules());
        std::map<int, const StudentGroup*> group_of;
        for (const StudentGroup& group : groups)
            for (const int number : group.sheets) group_of[number] = &group;
        const StudentRows rows(columns, formOrNull(), roster_->pages());
        const auto make_row = [&](int number) {
            const auto found = group_of.find(number);
            if (found != group_of.end() && found->second->first == number) {
                auto row = rows.rowOf(run.batchId(), *found->second, sheets, flags);
                join(row, number);
                return row;
            }
            auto row = rowHead(run.batchId(), sheets.at(number));
            if (found != group_of.end()) row[kSheetColumn] = std::to_string(found->second->first);
            row[kFlagsColumn] = flags[number];
            return row;
        };
        std::vector<int> all(static_cast<std::size_t>(total));
        std::iota(all.begin(), all.end(), 1);
        setRows(run, all, make_row);
        finish(run, counted(groups.size(), "row") + " from " + counted(sheets.size(), "sheet"));
    }

    // Stores the rows of these sheets, and continues after the last checkpoint.
    void setRows(StageRun& run, const std::vector<int>& numbers,
                 const std::function<std::vector<std::string>(int)>& make_row) const {
        SheetTable& sheets = run.sheets();
        const int total = static_cast<int>(sheets.size());
        auto next = std::ranges::upper_bound(numbers, collectedBefore(run));
        say(run, "Collecting results", next == numbers.begin() ? 0 : *(next - 1));
        while (next != numbers.end()) {
            throwIfStopped(run.stop());
            const auto end = numbers.end() - next > kRowsPerCheckpoint ? next + kRowsPerCheckpoint
                                                                       : numbers.end();
            for (; next != end; ++next) {
                const auto row = make_row(*next);
                // In an apply, other rows stay as they are.
                if (!run.changedSheets() || sheets.row(*next) != row) sheets.setRow(*next, row);
            }
            const int last = *(next - 1);
            faultPoint("collect.chunk");
            run.checkpoint(std::to_string(run.execution()) + " " + std::to_string(last));
            if (last < total) say(run, "Collecting results", last);
        }
    }

    void finish(StageRun& run, const std::string& collected) const {
        const SheetTable& sheets = run.sheets();
        std::string message =
            "Collected " + collected + " (" + std::to_string(sheets.count(SheetState::read)) +
            " read, " + std::to_string(sheets.count(SheetState::quarantined)) + " quarantined, " +
            std::to_string(sheets.count(SheetState::discarded)) + " discarded)";
        if (roster_) message += ", " + roster_->publish(run);
        say(run, std::move(message), static_cast<int>(sheets.size()));
    }

    static void say(StageRun& run, std::string message, int done) {
        run.progress().publish({.message = std::move(message),
                                .done = static_cast<double>(done),
                                .total = static_cast<double>(run.sheets().size())});
    }

    std::string flagsOf(int number, const ScannedTwice& scans) const {
        std::string flags = roster_ ? roster_->flagsOf(number) : "";
        if (options_.duplicates == "flag" && !scans.othersOf(number).empty())
            addFlags(flags, kDuplicate);
        return flags;
    }

    // Adds what the roster has about the student of the sheet.
    void join(std::vector<std::string>& row, int number) const {
        const auto values = roster_->valuesOf(number);
        row.insert(row.end() - 1, values.begin(), values.end());
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

    const CollectOptions options_;
    const std::optional<sheets::Template> form_;
    std::optional<BatchRoster> roster_{};
};

}  // namespace

}  // namespace sheafline

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "collect",
    .version = "1.0.0",
    .summary = "joins the results of all sheets into rows, one a sheet or one a student",
    .stage = sheafline::ProcessingStage::collecting_results,
    .weight = 1,
    .restart = sheafline::Restart::from_checkpoint,
    .rows_only = true,
    .params = sheafline::paramsOf<sheafline::CollectOptions>,
    .files = sheafline::filesOfTemplate,
    .make_stage = sheafline::makeStage<sheafline::Collect>};
