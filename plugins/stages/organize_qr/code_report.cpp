#include "code_report.h"

#include <array>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include <sheafline/csv.h>
#include <sheafline/error.h>

namespace sheafline::organize_qr {

namespace {

using sheets::CodeParts;

std::string part(const CodeParts& parts, std::string_view name) {
    const auto found = parts.find(name);
    return found == parts.end() ? "" : found->second;
}

CodeFinding findingOf(const Sheet& sheet, std::string kind, std::string details) {
    return {.kind = std::move(kind),
            .sheet = sheet.number,
            .file = sheet.file,
            .page = sheet.page,
            .code = sheet.qr,
            .details = std::move(details)};
}

// Identifies a page: exam, student and page. Empty if the code names no student: then the same code
// on many sheets is the code of a group.
std::string identityOf(const Sheet& sheet, const CodeParts& parts) {
    const std::string student = part(parts, "student");
    if (student.empty()) return "";
    const std::string exam = part(parts, "exam");
    return (exam.empty() ? sheet.group : exam) + '\n' + student + '\n' + part(parts, "page");
}

// A page that more than half of a group's students have is expected from all of them.
void findMissingPages(const std::vector<CodedSheet>& sheets, std::vector<CodeFinding>& findings) {
    struct Group {
        std::map<std::string, std::set<std::string>> students_by_page;
        std::map<std::string, const CodedSheet*> students;
    };
    std::map<std::string, Group> groups;
    for (const auto& sheet : sheets) {
        const std::string student = part(sheet.parts, "student");
        const std::string page = part(sheet.parts, "page");
        if (student.empty() || page.empty()) continue;
        Group& group = groups[sheet.sheet.group];
        group.students_by_page[page].insert(student);
        group.students.emplace(student, &sheet);
    }
    for (const auto& [name, group] : groups) {
        for (const auto& [page, students] : group.students_by_page) {
            if (2 * students.size() <= group.students.size()) continue;
            for (const auto& [student, sheet] : group.students) {
                if (students.contains(student)) continue;
                CodeFinding missing{.kind = "missing", .details = "page "};
                missing.details.append(page).append(" of student ").append(student);
                missing.details.append(" in group ").append(name);
                findings.push_back(std::move(missing));
            }
        }
    }
}

}  // namespace

std::vector<CodeFinding> findFindings(const std::vector<CodedSheet>& sheets,
                                      const std::vector<std::string>& expected) {
    std::vector<CodeFinding> findings;
    std::map<std::string, int> first_scan;
    std::set<std::string> seen;
    const std::set<std::string> wanted(expected.begin(), expected.end());
    for (const auto& [sheet, parts, only_foreign, foreign] : sheets) {
        if (sheet.qr.empty()) {
            if (sheet.state == SheetState::quarantined)
                findings.push_back(
                    findingOf(sheet, only_foreign ? "foreign" : "unreadable", sheet.reason));
            continue;
        }
        if (const std::string identity = identityOf(sheet, parts); !identity.empty()) {
            const auto [first, is_first] = first_scan.emplace(identity, sheet.number);
            if (!is_first) {
                findings.push_back(findingOf(
                    sheet, "duplicate", "the same page as sheet " + std::to_string(first->second)));
            }
        }
        for (const auto& code : foreign) {
            findings.push_back(findingOf(sheet, "foreign", "beside the sheet's own code"));
            findings.back().code = code;
        }
        const std::string student = part(parts, "student");
        if (!wanted.empty() && !wanted.contains(sheet.qr) && !wanted.contains(student)) {
            findings.push_back(findingOf(sheet, "unexpected", "not on the expected list"));
        }
        seen.insert(sheet.qr);
        seen.insert(student);
    }
    for (const auto& code : wanted) {
        if (!seen.contains(code)) {
            findings.push_back({.kind = "missing", .code = code, .details = "expected"});
        }
    }
    if (wanted.empty()) findMissingPages(sheets, findings);
    return findings;
}

std::string scannedTwice(const std::vector<CodedSheet>& sheets) {
    std::string lines;
    std::map<std::string, int> first_scan;
    for (const CodedSheet& coded : sheets) {
        const std::string identity = identityOf(coded.sheet, coded.parts);
        if (identity.empty()) continue;
        const auto [first, is_first] = first_scan.emplace(identity, coded.sheet.number);
        if (is_first) continue;
        lines += std::to_string(coded.sheet.number) + ' ' + std::to_string(first->second) + '\n';
    }
    return lines;
}

std::vector<std::string> readExpected(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) {
        throw Error(ErrorClass::permanent, "EXPECTED_LIST_MISSING",
                    "cannot read the expected list " + file.filename().string());
    }
    std::vector<std::string> expected;
    for (std::string line; std::getline(in, line);) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        if (!line.empty()) expected.push_back(line);
    }
    return expected;
}

std::string toCsv(const std::vector<CodeFinding>& findings) {
    const auto number = [](int value) { return value == 0 ? "" : std::to_string(value); };
    std::string csv = "problem,sheet,file,page,code,details\n";
    for (const auto& finding : findings) {
        csv += csvLine(std::array<std::string, 6>{finding.kind, number(finding.sheet), finding.file,
                                                  number(finding.page), finding.code,
                                                  finding.details});
    }
    return csv;
}

}  // namespace sheafline::organize_qr
