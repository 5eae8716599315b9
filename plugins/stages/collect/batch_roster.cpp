// The findings as CSV; a line for each:
//
//     "problem,student,name,class,page,sheets,detail" LF *( line LF )
//     sheets = number *( SP number )
#include "batch_roster.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/csv.h>
#include <sheafline/durable_file.h>
#include <sheafline/shown_text.h>
#include <sheafline/text_pattern.h>

namespace sheafline {

namespace {

constexpr const char* kArtifact = "roster-findings.csv";

int numberIn(const std::string& text, int otherwise) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number > 0 ? number
                                                                                  : otherwise;
}

// The page that a template with several pages has read; 0 if the evidence does not name it.
int pageIn(const std::string& evidence) {
    if (evidence.find("\"page\":") == std::string::npos) return 0;
    try {
        return Poco::JSON::Parser().parse(evidence).extract<Poco::JSON::Object::Ptr>()->optValue(
            "page", 0);
    } catch (const Poco::Exception&) {
        return 0;  // evidence of another processor
    }
}

}  // namespace

RosterOptions::RosterOptions(Params& p)
    : file(p.path("roster", {.help = "class list as CSV with the columns id, name, class and "
                                     "others, which are added to the rows",
                             .default_value = ""})),
      student(p.string("student",
                       {.help = "column with the id of the student", .default_value = "student"})),
      code(p.string("code", {.help = "pattern for the text of the codes, with the groups student, "
                                     "page and exam; for the roster and for rows of students, "
                                     "whose default fits the codes of printed sheets",
                             .default_value = ""})),
      exam(p.string("exam", {.help = "the exam that the codes must name; default: that of more "
                                     "than half of the sheets",
                             .default_value = ""})),
      pages(static_cast<int>(
          p.integer("pages", {.help = "pages of each student; 0: the highest page number",
                              .default_value = "0",
                              .min = "0",
                              .max = "1000"}))) {}

BatchRoster::BatchRoster(const RosterOptions& options) : options_(options) {
    if (options.file.empty()) return;
    roster_ = sheets::readRoster(options.file);
    const auto id = static_cast<std::size_t>(std::ranges::find(roster_.columns, "id") -
                                             roster_.columns.begin());
    for (const std::string& column : roster_.columns)
        if (column != "id") added_.push_back(column);
    for (std::size_t i = 0; i < roster_.students.size(); ++i)
        by_id_.emplace(roster_.students[i][id], i);
}

SeenSheet BatchRoster::seenSheet(const Sheet& sheet, const std::optional<Reading>& reading,
                                 std::optional<std::size_t> student_column,
                                 const RosterRules& rules) const {
    SeenSheet seen{.number = sheet.number, .page = 1, .is_read = sheet.state == SheetState::read};
    if (!options_.code.empty()) {
        const TextPattern pattern(options_.code, TextPattern::Scope::whole);
        if (const auto groups = pattern.match(sheet.qr)) {
            const auto group = [&](const char* name) {
                const auto found = groups->find(name);
                return found == groups->end() ? std::string() : found->second;
            };
            seen.student = group("student");
            seen.exam = group("exam");
            seen.page = numberIn(group("page"), 1);
        }
    }
    if (!reading) return seen;
    if (const int page = pageIn(reading->evidence); page > 0) seen.page = page;
    if (!student_column || *student_column >= reading->values.size()) return seen;
    const std::string& read = reading->values[*student_column];
    // A number with unread digits tells less than a code.
    const bool complete = read.find(rules.unread) == std::string::npos;
    if (!read.empty() && read != rules.blank && (complete || seen.student.empty()))
        seen.student = read;
    return seen;
}

void BatchRoster::compare(StageRun& run, const std::vector<std::string>& columns,
                          RosterRules rules) {
    const auto found = std::ranges::find(columns, options_.student);
    std::optional<std::size_t> student_column;
    if (found != columns.end())
        student_column = static_cast<std::size_t>(found - columns.begin());
    else if (options_.code.empty())
        throw ConfigError("the results have no column '" + options_.student +
                          "' to find students by; set the option student to one of "
                          "their columns, or code to a pattern with the group student");
    const SheetTable& sheets = run.sheets();
    for (int number = 1; number <= static_cast<int>(sheets.size()); ++number) {
        const Sheet sheet = sheets.at(number);
        if (sheet.state == SheetState::discarded) continue;
        seen_.push_back(seenSheet(sheet, sheets.reading(number), student_column, rules));
        students_[number] = seen_.back().student;
    }
    rules.exam = options_.exam;
    rules.has_list = !options_.file.empty();
    RosterResult result = compareWithRoster(roster_, seen_, rules);
    findings_ = std::move(result.findings);
    pages_ = std::max(1, result.pages);
    for (const RosterFinding& finding : findings_) {
        if (finding.problem == RosterProblem::other_exam)
            of_other_exam_.insert(finding.sheets.begin(), finding.sheets.end());
        for (const int number : finding.sheets) {
            std::string& flags = flags_[number];
            const std::string flag = "sheet:" + std::string(toString(finding.problem));
            if (flags.find(flag) == std::string::npos)
                flags.append(flags.empty() ? "" : ";").append(flag);
        }
    }
}

std::vector<std::string> BatchRoster::valuesOf(int sheet) const {
    const auto student = students_.find(sheet);
    const auto row = student == students_.end() ? by_id_.end() : by_id_.find(student->second);
    std::vector<std::string> values;
    for (std::size_t i = 0; i < roster_.columns.size(); ++i) {
        if (roster_.columns[i] == "id") continue;
        values.push_back(row == by_id_.end() ? "" : roster_.students[row->second][i]);
    }
    return values;
}

std::string BatchRoster::flagsOf(int sheet) const {
    const auto flags = flags_.find(sheet);
    return flags == flags_.end() ? "" : flags->second;
}

std::string BatchRoster::publish(StageRun& run) const {
    const auto named = [&](const RosterFinding& finding, const char* column) {
        const auto row = by_id_.find(finding.student);
        const auto at = std::ranges::find(roster_.columns, column);
        if (row == by_id_.end() || at == roster_.columns.end()) return std::string();
        return roster_
            .students[row->second][static_cast<std::size_t>(at - roster_.columns.begin())];
    };
    std::string text = "problem,student,name,class,page,sheets,detail\n";
    for (const RosterFinding& finding : findings_) {
        std::string numbers;
        for (const int sheet : finding.sheets)
            numbers += (numbers.empty() ? "" : " ") + std::to_string(sheet);
        text += csvLine(std::array<std::string, 7>{
            std::string(toString(finding.problem)), finding.student, named(finding, "name"),
            named(finding, "class"), finding.page == 0 ? "" : std::to_string(finding.page), numbers,
            finding.detail});
    }
    const auto path = run.folder() / kArtifact;
    DurableFile file(path);
    file.write(text);
    file.publish();
    run.artifact({.name = kArtifact, .path = path});
    return counted(findings_.size(), "finding") +
           (options_.file.empty() ? " about students" : " about the roster");
}

}  // namespace sheafline
