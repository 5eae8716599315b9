#include <algorithm>
#include <map>

#include <sheafline/csv_records.h>
#include <sheafline/sheets/roster.h>
#include <sheafline/utf8.h>

#include "language/finding_list.h"
#include "templates/text_file.h"

namespace sheafline::sheets {

namespace {

constexpr std::size_t kMostStudents = 100'000;

std::string lowerCase(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

void checkColumns(const Roster& roster, FindingList& findings) {
    std::map<std::string, int> seen;
    for (const std::string& column : roster.columns) {
        if (column.empty()) findings.add(1, 1, "", "a column of the header has no name");
        if (++seen[column] == 2)
            findings.add(1, 1, column, "the header has the column '" + column + "' twice");
    }
    if (!seen.contains("id"))
        findings.add(1, 1, "id", "the header has no column 'id'; write id,name,class");
}

}  // namespace

Roster parseRoster(std::string_view text, const std::filesystem::path& file) {
    FindingList findings(file.string());
    Roster roster;
    if (!isUtf8(text)) {
        const auto line =
            std::ranges::count(text.substr(0, cleanUtf8(text).find("\xEF\xBF\xBD")), '\n');
        findings.add(static_cast<int>(line) + 1, 1, "", "not UTF-8; save the list as CSV UTF-8");
        findings.throwIfAny();
    }
    const auto records = csvRecords(text, csvSeparator(text));
    if (records.empty()) findings.add(1, 1, "", "the list is empty; write id,name,class");
    findings.throwIfAny();
    for (const std::string& column : records.front().cells)
        roster.columns.push_back(lowerCase(column));
    checkColumns(roster, findings);
    findings.throwIfAny();
    const auto id =
        static_cast<std::size_t>(std::ranges::find(roster.columns, "id") - roster.columns.begin());
    std::map<std::string, int> lines;
    for (auto record = records.begin() + 1; record != records.end(); ++record) {
        if (record->cells.size() != roster.columns.size()) {
            findings.add(record->line, 1, "",
                         "this line has " + std::to_string(record->cells.size()) +
                             " cells and the header has " + std::to_string(roster.columns.size()));
            continue;
        }
        const std::string& student = record->cells[id];
        if (student.empty()) findings.add(record->line, 1, "id", "this student has no id");
        const auto [known, is_new] = lines.try_emplace(student, record->line);
        if (!is_new && !student.empty())
            findings.add(
                record->line, 1, student,
                "the id '" + student + "' is also in line " + std::to_string(known->second));
        roster.students.push_back(record->cells);
        roster.lines.push_back(record->line);
    }
    if (roster.students.empty()) findings.add(1, 1, "", "the list has no students");
    if (roster.students.size() > kMostStudents)
        findings.add(1, 1, "", "more than 100,000 students; split the list");
    findings.throwIfAny();
    return roster;
}

Roster readRoster(const std::filesystem::path& file) {
    return parseRoster(readTextFile(file, "roster"), file);
}

}  // namespace sheafline::sheets
