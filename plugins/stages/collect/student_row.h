// The row of a student: the answers of all of the student's sheets, with the score of the whole
// exam. Pure but for reading the sheets' readings. One thread.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets.h>
#include <sheafline/sheets/template.h>

#include "student_groups.h"

namespace sheafline {

// A row joins the sheets of a student, of which some are missing.
inline constexpr const char* kIncomplete = "incomplete";

class StudentRows {
 public:
    // `columns` are those of the readings, `form` the template with the key that scores an exam;
    // null: there are no scores. Throws ConfigError if they do not fit each other. `pages` is the
    // number of pages of each student.
    StudentRows(std::vector<std::string> columns, const sheets::Template* form, int pages);

    // Throws ConfigError if rows of students cannot have these columns, or if a column that the
    // form computes or names is missing.
    static void requireColumns(const std::vector<std::string>& columns,
                               const sheets::Template* form);
    // The columns that are added behind those of the readings.
    static std::vector<std::string> addedTo(const std::vector<std::string>& columns);

    // Without the columns of the roster. `flags` are those about the whole row.
    std::vector<std::string> rowOf(std::string_view batch_id, const StudentGroup& group,
                                   SheetTable& sheets,
                                   const std::map<int, std::string>& flags) const;

 private:
    struct Parts;

    void addPage(Parts& parts, int page, const Reading& reading, bool is_first) const;
    void addFlagsOfPage(Parts& parts, int page, std::string_view flags, bool is_first) const;
    void addScore(Parts& parts, const Sheet& first, bool complete) const;
    std::string pagesWithout(const StudentGroup& group, const Parts& parts) const;

    const std::vector<std::string> columns_;
    const sheets::Template* const form_;
    const int pages_;
};

}  // namespace sheafline
