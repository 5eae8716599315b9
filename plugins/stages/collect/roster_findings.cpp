#include "roster_findings.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <sheafline/shown_text.h>

namespace sheafline {

namespace {

constexpr std::size_t kMostCandidates = 3;

std::string withoutZeros(const std::string& id) {
    const std::size_t first = id.find_first_not_of('0');
    return first == std::string::npos ? "" : id.substr(first);
}

// "sheet 3", "sheets 3, 17 and 18"
std::string namesOf(const std::vector<int>& sheets) {
    std::string text = sheets.size() == 1 ? "sheet " : "sheets ";
    for (std::size_t i = 0; i < sheets.size(); ++i) {
        if (i > 0) text += i + 1 == sheets.size() ? " and " : ", ";
        text += std::to_string(sheets[i]);
    }
    return text;
}

class Comparison {
 public:
    Comparison(const sheets::Roster& roster, const std::vector<SeenSheet>& sheets,
               const RosterRules& rules)
        : sheets_(sheets), rules_(rules) {
        const auto id = std::ranges::find(roster.columns, "id");
        const auto column = static_cast<std::size_t>(id - roster.columns.begin());
        for (std::size_t i = 0; i < roster.students.size(); ++i) {
            ids_.push_back(roster.students[i][column]);
            lines_.emplace(ids_.back(), roster.lines[i]);
        }
    }

    RosterResult result() {
        const std::string exam = rules_.exam.empty() ? mostFrequentExam() : rules_.exam;
        for (const SeenSheet& sheet : sheets_) {
            if (!exam.empty() && !sheet.exam.empty() && sheet.exam != exam)
                add({.problem = RosterProblem::other_exam,
                     .student = sheet.student,
                     .page = sheet.page,
                     .sheets = {sheet.number},
                     .detail = "the code names the exam '" + sheet.exam + "', and the others '" +
                               exam + "'; discard the sheet, or correct its code"});
            else
                take(sheet);
        }
        int pages = rules_.pages;
        for (const auto& [student, by_page] : seen_)
            if (rules_.pages == 0) pages = std::max(pages, by_page.rbegin()->first);
        for (const auto& [student, by_page] : seen_) judge(student, by_page, pages);
        std::ranges::stable_sort(
            others_, {}, [](const RosterFinding& finding) { return finding.sheets.front(); });
        std::vector<RosterFinding> all = missing();
        all.insert(all.end(), std::make_move_iterator(others_.begin()),
                   std::make_move_iterator(others_.end()));
        return {.findings = std::move(all), .pages = pages};
    }

 private:
    void add(RosterFinding finding) { others_.push_back(std::move(finding)); }

    std::string mostFrequentExam() const {
        std::map<std::string, std::size_t> counts;
        std::size_t all = 0;
        for (const SeenSheet& sheet : sheets_) {
            if (sheet.exam.empty()) continue;
            ++counts[sheet.exam];
            ++all;
        }
        for (const auto& [exam, count] : counts)
            if (2 * count > all) return exam;
        return "";
    }

    void take(const SeenSheet& sheet) {
        if (sheet.student.empty()) {
            ++without_student_;
            if (rules_.all_named && sheet.is_read)
                add({.problem = RosterProblem::no_student,
                     .page = sheet.page,
                     .sheets = {sheet.number},
                     .detail = "neither the code nor the answers name a student; decide about the "
                               "number of the sheet, or enter its code"});
        } else if (isKnown(sheet.student)) {
            seen_[sheet.student][sheet.page].push_back(sheet.number);
        } else {
            add({.problem = RosterProblem::unknown_student,
                 .student = sheet.student,
                 .page = sheet.page,
                 .sheets = {sheet.number},
                 .detail = whyUnknown(sheet.student)});
        }
    }

    bool isKnown(const std::string& student) const {
        return rules_.has_list ? lines_.contains(student)
                               : student.find(rules_.unread) == std::string::npos;
    }

    std::string whyUnknown(const std::string& student) const {
        if (!rules_.has_list)
            return "the number '" + student +
                   "' has digits that were not read; decide about the number of the sheet";
        const std::string text = "the student '" + student + "' is not on the roster";
        const std::string digits = withoutZeros(student);
        const auto same = std::ranges::find_if(ids_, [&](const std::string& id) {
            return !digits.empty() && withoutZeros(id) == digits;
        });
        if (same != ids_.end())
            return text + "; line " + std::to_string(lines_.at(*same)) + " has '" + *same +
                   "', which differs in leading zeros: correct the roster";
        std::vector<std::string> like;
        std::ranges::copy_if(ids_, std::back_inserter(like),
                             [&](const std::string& id) { return fits(student, id); });
        if (like.empty() || like.size() > kMostCandidates)
            return text + "; correct the number of the sheet, or add the student";
        std::string names;
        for (const std::string& id : like)
            names.append(names.empty() ? "'" : ", '").append(id).append("'");
        return text + "; it may be " + names + ": decide about the number of the sheet";
    }

    // Digits that were not read may be any.
    bool fits(const std::string& student, const std::string& id) const {
        if (student.size() != id.size() || rules_.unread.size() != 1 ||
            student.find(rules_.unread) == std::string::npos)
            return false;
        for (std::size_t i = 0; i < id.size(); ++i)
            if (student[i] != rules_.unread[0] && student[i] != id[i]) return false;
        return true;
    }

    void judge(const std::string& student, const std::map<int, std::vector<int>>& by_page,
               int pages) {
        std::vector<int> all;
        for (const auto& [page, numbers] : by_page) {
            all.insert(all.end(), numbers.begin(), numbers.end());
            if (numbers.size() > 1)
                add({.problem = RosterProblem::several_sheets,
                     .student = student,
                     .page = page,
                     .sheets = numbers,
                     .detail = namesOf(numbers) + " are page " + std::to_string(page) +
                               " of the same student; discard those that do not count, or "
                               "correct a number"});
        }
        std::ranges::sort(all);
        for (int page = 1; page <= pages; ++page) {
            if (by_page.contains(page)) continue;
            add({.problem = RosterProblem::missing_page,
                 .student = student,
                 .page = page,
                 .sheets = all,
                 .detail = "there is no page " + std::to_string(page) + " of " +
                           std::to_string(pages) + ", but " + namesOf(all) +
                           "; look among the quarantined sheets, or scan it again"});
        }
    }

    std::vector<RosterFinding> missing() const {
        std::vector<RosterFinding> findings;
        for (const std::string& id : ids_) {
            if (seen_.contains(id)) continue;
            std::string detail = "the student has no sheet";
            if (without_student_ > 0)
                detail += "; " +
                          counted(static_cast<std::uint64_t>(without_student_), "sheet names",
                                  "sheets name") +
                          " no student";
            findings.push_back({.student = id, .detail = std::move(detail)});
        }
        return findings;
    }

    const std::vector<SeenSheet>& sheets_;
    const RosterRules& rules_;
    std::vector<std::string> ids_{};
    std::map<std::string, int> lines_{};                             // of the roster
    std::map<std::string, std::map<int, std::vector<int>>> seen_{};  // numbers by student and page
    std::vector<RosterFinding> others_{};
    int without_student_ = 0;
};

}  // namespace

std::string_view toString(RosterProblem problem) {
    constexpr std::array<std::string_view, 6> kNames{"missing_student", "missing_page",
                                                     "several_sheets",  "unknown_student",
                                                     "other_exam",      "no_student"};
    return kNames.at(static_cast<std::size_t>(problem));
}

RosterResult compareWithRoster(const sheets::Roster& roster, const std::vector<SeenSheet>& sheets,
                               const RosterRules& rules) {
    return Comparison(roster, sheets, rules).result();
}

}  // namespace sheafline
