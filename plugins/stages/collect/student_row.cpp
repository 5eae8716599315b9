#include "student_row.h"

#include <algorithm>
#include <set>
#include <utility>

#include <sheafline/collected_row.h>
#include <sheafline/error.h>
#include <sheafline/sheets/answer_points.h>
#include <sheafline/sheets/form_pages.h>

#include "settled_sheets.h"
#include "sheet_row.h"

namespace sheafline {

namespace {

using sheets::OutputColumn;

constexpr std::string_view kScoreFlags = "score:";
constexpr std::string_view kSheetFlags = "sheet:";

bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool isComputed(std::string_view column) {
    return column == sheets::kScore || column == sheets::kGrade;
}

bool isReview(std::string_view column) {
    return column == sheets::kReviewedBy || column == sheets::kReviewedAt;
}

std::vector<std::string> listOf(std::string_view flags) {
    std::vector<std::string> list;
    while (!flags.empty()) {
        const std::size_t end = std::min(flags.find(';'), flags.size());
        if (end > 0) list.emplace_back(flags.substr(0, end));
        flags.remove_prefix(std::min(end + 1, flags.size()));
    }
    return list;
}

std::string pageNamed(int page) { return "page" + std::to_string(page) + ":"; }

}  // namespace

struct StudentRows::Parts {
    std::vector<std::string> values{};
    std::vector<std::string> flags{};
    std::set<int> pages{};  // that were read
    double confidence = 1;

    void addFlag(std::string flag) {
        if (!has(flags, flag)) flags.push_back(std::move(flag));
    }
};

StudentRows::StudentRows(std::vector<std::string> columns, const sheets::Template* form, int pages)
    : columns_(std::move(columns)), form_(form), pages_(pages) {
    requireColumns(columns_, form_);
}

void StudentRows::requireColumns(const std::vector<std::string>& columns,
                                 const sheets::Template* form) {
    if (form == nullptr) {
        if (std::ranges::any_of(columns, isComputed))
            throw ConfigError(
                "the score of a student is computed from all pages; set the option template of the "
                "stage collect to the template of the stage that reads the sheets");
        return;
    }
    for (const OutputColumn& column : form->output) {
        if (column.name == kSheetsOfStudent)
            throw ConfigError("the template '" + form->name + "' has a column '" + column.name +
                              "', which rows of students add; rename it");
        if (has(columns, column.name)) continue;
        throw ConfigError("the results have no column '" + column.name + "' of the template '" +
                          form->name +
                          "'; set the option template of the stage collect to the template of the "
                          "stage that reads the sheets");
    }
}

std::vector<std::string> StudentRows::addedTo(const std::vector<std::string>& columns) {
    std::vector<std::string> added{kSheetsOfStudent};
    if (!has(columns, kStudentColumn)) added.emplace_back(kStudentColumn);
    return added;
}

std::vector<std::string> StudentRows::rowOf(std::string_view batch_id, const StudentGroup& group,
                                            SheetTable& sheets,
                                            const std::map<int, std::string>& flags) const {
    const Sheet first = sheets.at(group.first);
    Parts parts{.values = std::vector<std::string>(columns_.size())};
    for (const auto& [page, number] : group.pages) {
        Sheet sheet = sheets.at(number);
        const auto reading = settledReading(sheet, sheets, columns_.size());
        if (reading) addPage(parts, page, *reading, number == group.first);
    }
    for (const auto* pages : {&group.pages, &group.unread}) {
        for (const auto& [page, number] : *pages) {
            const auto more = flags.find(number);
            if (more != flags.end())
                addFlagsOfPage(parts, page, more->second, number == group.first);
        }
    }
    const std::string without = pagesWithout(group, parts);
    const bool complete = without.empty();
    if (!group.alone) addFlagsOfPage(parts, 0, without, true);
    if (group.alone && parts.pages.empty() && group.student.starts_with('#'))
        parts.addFlag(std::string(kSheetFlags) + "no_student");
    if (!parts.pages.empty()) addScore(parts, first, complete);

    std::vector<std::string> row = rowHead(batch_id, first);
    row[kStatusColumn] = parts.pages.empty() ? toString(SheetState::quarantined)
                         : complete          ? toString(SheetState::read)
                                             : kIncomplete;
    for (const std::string& flag : parts.flags) addFlags(row[kFlagsColumn], flag);
    std::string numbers;
    for (const int number : group.sheets)
        numbers += (numbers.empty() ? "" : " ") + std::to_string(number);
    const auto student = std::ranges::find(columns_, kStudentColumn);
    if (student != columns_.end())
        parts.values[static_cast<std::size_t>(student - columns_.begin())] = group.student;
    row.insert(row.end(), std::make_move_iterator(parts.values.begin()),
               std::make_move_iterator(parts.values.end()));
    row.push_back(std::move(numbers));
    if (student == columns_.end()) row.push_back(group.student);
    row.push_back(parts.pages.empty() ? "" : confidenceText(parts.confidence));
    return row;
}

void StudentRows::addPage(Parts& parts, int page, const Reading& reading, bool is_first) const {
    parts.pages.insert(page);
    parts.confidence = std::min(parts.confidence, reading.confidence);
    addFlagsOfPage(parts, page, reading.flags, is_first);
    const auto at = std::ranges::find(columns_, sheets::kReviewedAt);
    const auto place = static_cast<std::size_t>(at - columns_.begin());
    // Who decided last about any of the sheets.
    const bool is_later = at != columns_.end() && reading.values[place] > parts.values[place];
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const std::string& value = reading.values[i];
        std::string& joined = parts.values[i];
        if (value.empty() || isComputed(columns_[i])) continue;
        if (isReview(columns_[i])) {
            if (is_later || joined.empty()) joined = value;
        } else if (joined.empty()) {
            joined = value;
        } else if (joined != value) {
            parts.addFlag(columns_[i] + ":pages_differ");
        }
    }
}

// A flag of the whole sheet is about the sheet of the row, or else about its page.
void StudentRows::addFlagsOfPage(Parts& parts, int page, std::string_view flags,
                                 bool is_first) const {
    for (std::string& flag : listOf(flags)) {
        if (form_ != nullptr && flag.starts_with(kScoreFlags)) continue;  // of one page
        const bool about_page =
            !is_first && flag.starts_with(kSheetFlags) && !has(parts.flags, flag);
        parts.addFlag(about_page ? pageNamed(page) + flag.substr(kSheetFlags.size())
                                 : std::move(flag));
    }
}

void StudentRows::addScore(Parts& parts, const Sheet& first, bool complete) const {
    if (form_ == nullptr || form_->key.empty()) return;
    std::vector<sheets::NamedValue> answers;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const bool is_there =
            form_->pages.empty() || std::ranges::any_of(parts.pages, [&](int page) {
                const auto& output = sheets::pageNumbered(*form_, page).output;
                return std::ranges::find(output, columns_[i], &OutputColumn::name) != output.end();
            });
        if (is_there && !isComputed(columns_[i]))
            answers.push_back({.column = columns_[i], .value = parts.values[i]});
    }
    const auto result = sheets::scoreOf(answers, {.qr = first.qr, .group = first.group}, *form_);
    for (const OutputColumn& column : form_->output) {
        if (!column.fields.empty()) continue;
        const auto place = std::ranges::find(columns_, column.name) - columns_.begin();
        std::string& value = parts.values[static_cast<std::size_t>(place)];
        // A grade is about the whole exam.
        if (column.name == sheets::kGrade && complete) value = result.grade;
        if (column.name == sheets::kScore) value = result.score;
    }
    if (result.score.empty()) parts.addFlag("score:no_version");
}

// "page2:missing;page3:quarantined"
std::string StudentRows::pagesWithout(const StudentGroup& group, const Parts& parts) const {
    std::string flags;
    for (int page = 1; page <= pages_; ++page) {
        if (parts.pages.contains(page)) continue;
        const bool is_there = group.unread.contains(page) || group.pages.contains(page);
        addFlags(flags, pageNamed(page) + (is_there ? "quarantined" : "missing"));
    }
    return flags;
}

}  // namespace sheafline
