#include "student_groups.h"

#include <algorithm>
#include <set>
#include <utility>

namespace sheafline {

namespace {

// The sheet of the first page that was read, or the first sheet.
int firstOf(const StudentGroup& group) {
    return group.pages.empty() ? group.sheets.front() : group.pages.begin()->second;
}

// No student has this text as an id.
std::string ownName(const SeenSheet& sheet, const std::set<std::string>& students) {
    std::string name = sheet.student + "#" + std::to_string(sheet.number);
    while (students.contains(name)) name += '#';
    return name;
}

void add(StudentGroup& group, const SeenSheet& sheet) {
    group.sheets.push_back(sheet.number);
    (sheet.is_read ? group.pages : group.unread).emplace(sheet.page, sheet.number);
}

}  // namespace

bool isIdentified(const SeenSheet& sheet, const GroupRules& rules) {
    return !sheet.student.empty() && sheet.student.find(rules.unread) == std::string::npos &&
           !rules.is_of_other_exam(sheet.number);
}

std::vector<StudentGroup> groupByStudent(const std::vector<SeenSheet>& sheets,
                                         const GroupRules& rules) {
    std::set<std::string> students;
    for (const SeenSheet& sheet : sheets)
        if (isIdentified(sheet, rules)) students.insert(sheet.student);
    std::map<std::string, StudentGroup> joined;
    std::vector<StudentGroup> groups;
    for (const SeenSheet& sheet : sheets) {
        const bool identified = isIdentified(sheet, rules);
        StudentGroup* group = identified ? &joined[sheet.student] : nullptr;
        if (group == nullptr || (sheet.is_read && group->pages.contains(sheet.page))) {
            group = &groups.emplace_back();
            group->student = ownName(sheet, students);
            group->alone = true;
        } else {
            group->student = sheet.student;
        }
        add(*group, sheet);
    }
    for (auto& [student, group] : joined) groups.push_back(std::move(group));
    for (StudentGroup& group : groups) {
        std::erase_if(group.unread,
                      [&](const auto& unread) { return group.pages.contains(unread.first); });
        group.first = firstOf(group);
    }
    std::ranges::sort(groups, {}, &StudentGroup::first);
    return groups;
}

}  // namespace sheafline
