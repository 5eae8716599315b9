#include "decisions/decision_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <utility>

#include <Poco/String.h>

#include <sheafline/csv_records.h>
#include <sheafline/error.h>
#include <sheafline/shown_text.h>
#include <sheafline/utf8.h>

#include "base/did_you_mean.h"
#include "decisions/decision_json.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostFindings = 20;  // that are shown

std::string textOf(const std::filesystem::path& file) {
    if (std::filesystem::is_directory(file))
        throw ConfigError(file.string() + " is a folder; give a CSV file of decisions");
    std::ifstream in(file, std::ios::binary);
    if (!in.is_open())
        throw ConfigError("cannot read " + file.string() + ": " + std::strerror(errno) +
                          "; check its name and its rights");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (in.bad()) throwSystemError(errno, "cannot read " + file.string());
    return text;
}

Finding findingOf(const std::filesystem::path& file, int line, const DecisionProblem& problem) {
    return {.file = file.filename().string(),
            .line = line,
            .column = 1,
            .key = problem.key,
            .message = (problem.key.empty() ? "" : problem.key + ": ") + problem.detail};
}

int lineOf(const NewDecision& decision) {
    const std::size_t colon = decision.place.find_last_of(':', decision.place.size() - 3);
    return std::stoi(decision.place.substr(colon + 1));
}

// A wrong file can have an error in each of its lines.
[[noreturn]] void throwFirst(std::vector<Finding> findings) {
    if (findings.size() > kMostFindings) {
        const std::size_t more = findings.size() - kMostFindings;
        findings.resize(kMostFindings);
        findings.push_back(
            {.file = findings.front().file,
             .line = 0,
             .column = 0,
             .key = "",
             .message = std::to_string(more) + (more == 1 ? " more error" : " more errors")});
    }
    throw ConfigError(std::move(findings));
}

// One file, from its text to its decisions. One thread.
class DecisionFile {
 public:
    explicit DecisionFile(const std::filesystem::path& file)
        : file_(file), text_(textOf(file)), name_(file.filename().string()) {}

    std::vector<NewDecision> decisions() {
        checkText();
        const auto records = csvRecords(text_, csvSeparator(text_));
        if (records.empty())
            throw ConfigError(name_ +
                              " is empty; its first line names the columns, such as "
                              "sheet,field,value,reason");
        // In such a file, everything after the open quotation mark is one cell.
        if (std::ranges::count(text_, '"') % 2 != 0)
            add(records.back().line, {.detail = "a quotation mark is not closed"});
        readHeader(records.front());
        if (!findings_.empty()) throwFirst(std::move(findings_));
        for (const CsvRecord& record : std::span(records).subspan(1)) read(record);
        if (!findings_.empty()) throwFirst(std::move(findings_));
        return std::move(decisions_);
    }

 private:
    void add(int line, const DecisionProblem& problem) {
        findings_.push_back(findingOf(file_, line, problem));
    }

    void checkText() {
        const std::size_t nul = text_.find('\0');
        if (nul == std::string::npos && isUtf8(text_)) return;
        const std::size_t bad = std::min(nul, cleanUtf8(text_).find("\xEF\xBF\xBD"));
        const auto line = std::ranges::count(text_.substr(0, bad), '\n');
        add(static_cast<int>(line) + 1, {.detail = "not UTF-8; save the file as CSV UTF-8"});
        throwFirst(std::move(findings_));
    }

    // A spreadsheet may write empty columns behind the others.
    void readHeader(const CsvRecord& header) {
        const std::vector<std::string> known = decisionKeys();
        for (const std::string& cell : header.cells) {
            const std::string key = Poco::toLower(cell);
            if (key.empty()) {
                keys_.push_back(key);
                continue;
            }
            if (std::ranges::find(known, key) == known.end())
                add(header.line,
                    {.detail = "unknown column '" + cell + "'; " + didYouMean(key, known)});
            if (std::ranges::find(keys_, key) != keys_.end())
                add(header.line, {.detail = "the line names the column '" + key + "' twice"});
            keys_.push_back(key);
        }
    }

    void read(const CsvRecord& record) {
        const auto filled = [](const std::string& cell) { return !cell.empty(); };
        if (std::ranges::none_of(record.cells, filled)) return;
        // A missing cell could be taken for an empty answer.
        if (record.cells.size() != keys_.size())
            return add(record.line,
                       {.detail = "the line has " + counted(record.cells.size(), "cell") + " for " +
                                  counted(keys_.size(), "column")});
        for (std::size_t i = 0; i < keys_.size(); ++i)
            if (keys_[i].empty() && filled(record.cells[i]))
                return add(record.line,
                           {.detail = "the column of '" + record.cells[i] + "' has no name"});
        GivenDecisions given = decisionOfCells(keys_, record.cells);
        for (const DecisionProblem& problem : given.problems) add(record.line, problem);
        given.list.front().place = name_ + ":" + std::to_string(record.line) + ": ";
        decisions_.push_back(std::move(given.list.front()));
    }

    const std::filesystem::path& file_;
    const std::string text_;
    const std::string name_;
    std::vector<std::string> keys_{};
    std::vector<Finding> findings_{};
    std::vector<NewDecision> decisions_{};
};

}  // namespace

std::vector<NewDecision> decisionsOfFile(const std::filesystem::path& file) {
    return DecisionFile(file).decisions();
}

void throwFindings(const std::filesystem::path& file, const std::vector<NewDecision>& decisions,
                   const std::vector<DecisionProblem>& problems) {
    std::vector<Finding> findings;
    findings.reserve(problems.size());
    for (const DecisionProblem& problem : problems)
        findings.push_back(findingOf(file, lineOf(decisions.at(problem.index)), problem));
    throwFirst(std::move(findings));
}

}  // namespace sheafline
