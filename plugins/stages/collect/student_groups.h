// Which sheets of a batch make the row of a student. Pure.
//
// A sheet that names no student, one whose number was not read completely, a sheet of another exam
// and a further scan of a page that counts already have a row of their own, which nothing else
// joins: the student of that row is what was read, with "#" and the number of the sheet.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "roster_findings.h"

namespace sheafline {

struct StudentGroup {
    std::string student{};        // identifies the row within the batch: "2400123", "#17"
    int first = 0;                // the sheet that has the row
    std::map<int, int> pages{};   // by page, the sheet that was read
    std::map<int, int> unread{};  // by page, a quarantined sheet of a page that was not read
    std::vector<int> sheets{};    // all, in their order
    bool alone = false;           // a row of its own, see above
};

struct GroupRules {
    std::string unread = "_";                   // stands for a digit that was not read
    std::function<bool(int)> is_of_other_exam;  // about the number of a sheet
};

// In the order of the sheets that have the rows.
std::vector<StudentGroup> groupByStudent(const std::vector<SeenSheet>& sheets,
                                         const GroupRules& rules);

// Whether the sheet's student can have several sheets.
bool isIdentified(const SeenSheet& sheet, const GroupRules& rules);

}  // namespace sheafline
