// The students of a batch: whose sheets are which, what a class list adds to the rows, and what is
// wrong with the sheets. The list may be missing. One thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <sheafline/plugin.h>
#include <sheafline/sheets/roster.h>

#include "roster_findings.h"

namespace sheafline {

struct RosterOptions {
    std::filesystem::path file;  // empty: no roster
    std::string student;         // the column with the student's id
    std::string code;            // a pattern with the groups student, page and exam
    std::string exam;
    int pages;

    explicit RosterOptions(Params& p);
};

class BatchRoster {
 public:
    // Reads the list. Throws ConfigError with all errors, each with its line.
    explicit BatchRoster(const RosterOptions& options);

    // The columns that are added: those of the list, without the id.
    const std::vector<std::string>& columns() const { return added_; }

    // Compares the sheets with the list. `columns` are those of the readings. Of `rules`, exam and
    // has_list come from the options.
    void compare(StageRun& run, const std::vector<std::string>& columns, RosterRules rules);

    // As of compare(): the sheets that were not discarded, in order, and the pages of a student.
    const std::vector<SeenSheet>& seen() const { return seen_; }
    int pages() const { return pages_; }
    bool isOfOtherExam(int sheet) const { return of_other_exam_.contains(sheet); }

    // What the row of a sheet gets, empty texts for an unknown student; and its flags, such as
    // "sheet:unknown_student".
    std::vector<std::string> valuesOf(int sheet) const;
    std::string flagsOf(int sheet) const;

    // Writes roster-findings.csv, also if there are none, and returns a part of the summary.
    std::string publish(StageRun& run) const;

 private:
    SeenSheet seenSheet(const Sheet& sheet, const std::optional<Reading>& reading,
                        std::optional<std::size_t> student_column, const RosterRules& rules) const;

    const RosterOptions& options_;
    sheets::Roster roster_{};
    std::vector<std::string> added_{};
    std::map<std::string, std::size_t> by_id_{};  // into roster_.students
    std::vector<SeenSheet> seen_{};
    std::map<int, std::string> students_{};  // by sheet
    std::map<int, std::string> flags_{};     // by sheet
    std::set<int> of_other_exam_{};
    std::vector<RosterFinding> findings_{};
    int pages_ = 1;
};

}  // namespace sheafline
