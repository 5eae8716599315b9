// The class list of a batch: what it adds to the rows, and what is wrong with the sheets. One
// thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
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

    // Compares the sheets with the list. `columns` are those of the readings.
    void compare(StageRun& run, const std::vector<std::string>& columns);

    // What the row of a sheet gets, empty texts for an unknown student; and its flags, such as
    // "sheet:unknown_student".
    std::vector<std::string> valuesOf(int sheet) const;
    std::string flagsOf(int sheet) const;

    // Writes roster-findings.csv, also if there are none, and returns a part of the summary.
    std::string publish(StageRun& run) const;

 private:
    SeenSheet seenSheet(const Sheet& sheet, const std::optional<Reading>& reading,
                        std::optional<std::size_t> student_column) const;

    const RosterOptions& options_;
    sheets::Roster roster_;
    std::vector<std::string> added_{};
    std::map<std::string, std::size_t> by_id_{};  // into roster_.students
    std::map<int, std::string> students_{};       // by sheet
    std::map<int, std::string> flags_{};          // by sheet
    std::vector<RosterFinding> findings_{};
};

}  // namespace sheafline
