// Compares the sheets of a batch with a class list: who is missing, who is not on the list, whose
// pages are incomplete or there twice, and which sheets belong to another exam. Pure.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/sheets/roster.h>

namespace sheafline {

enum class RosterProblem {
    missing_student,  // on the list, without any sheet
    missing_page,     // the student has other pages
    several_sheets,   // more than one sheet of a student's page
    unknown_student,  // not on the list
    other_exam,       // the code names another exam
    no_student,       // read, but neither its code nor its answers name a student
};

std::string_view toString(RosterProblem problem);

// A sheet that was not discarded.
struct SeenSheet {
    int number = 0;
    std::string student{};  // empty: unknown
    std::string exam{};     // from its code; empty: unknown
    int page = 1;
    bool is_read = true;  // otherwise it is quarantined
};

struct RosterFinding {
    RosterProblem problem = RosterProblem::missing_student;
    std::string student{};
    int page = 0;               // 0: it is not about a page
    std::vector<int> sheets{};  // in their order; none: the student has no sheet
    std::string detail{};       // what a person needs to know, with the remedy
};

struct RosterRules {
    std::string exam{};        // empty: that of more than half of the sheets
    int pages = 0;             // of each student; 0: the highest page number of the exam's sheets
    std::string unread = "_";  // stands for a digit that was not read
    std::string blank{};       // a number without any mark
    bool has_list = true;      // false: every student whose number was read completely is known
    bool all_named = false;    // whether a sheet without a student is a finding
};

struct RosterResult {
    // Missing students in the order of the list, then the others in the order of their first
    // sheets.
    std::vector<RosterFinding> findings{};
    int pages = 0;  // of each student
};

RosterResult compareWithRoster(const sheets::Roster& roster, const std::vector<SeenSheet>& sheets,
                               const RosterRules& rules);

}  // namespace sheafline
