#include "decisions/decision_file.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <sheafline/error.h>

#include "decisions/decision_json.h"

namespace sheafline {

namespace {

struct CsvRecord {
    int line = 0;
    std::vector<std::string> cells{};
};

class CsvText {
 public:
    CsvText(std::string_view text, std::string file) : rest_(text), file_(std::move(file)) {
        constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
        if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
    }

    // False at the end. Empty lines are skipped.
    bool next(CsvRecord& record) {
        while (!rest_.empty() && (rest_.front() == '\n' || rest_.front() == '\r')) take();
        if (rest_.empty()) return false;
        record = {.line = line_};
        do {
            record.cells.push_back(cell());
        } while (takeIf(','));
        takeIf('\r');
        takeIf('\n');
        return true;
    }

 private:
    std::string cell() {
        std::string text;
        const int first_line = line_;
        if (!takeIf('"')) {
            while (!rest_.empty() &&
                   std::string_view(",\r\n").find(rest_.front()) == std::string_view::npos)
                text += take();
            return text;
        }
        while (true) {
            if (rest_.empty())
                throw ConfigError({Finding{.file = file_,
                                           .line = first_line,
                                           .column = 1,
                                           .key = "",
                                           .message = "a quotation mark is not closed"}});
            if (!takeIf('"')) {
                text += take();
            } else if (takeIf('"')) {
                text += '"';
            } else {
                return text;
            }
        }
    }

    char take() {
        const char letter = rest_.front();
        rest_.remove_prefix(1);
        if (letter == '\n') ++line_;
        return letter;
    }
    bool takeIf(char letter) {
        if (rest_.empty() || rest_.front() != letter) return false;
        take();
        return true;
    }

    std::string_view rest_;
    const std::string file_;
    int line_ = 1;
};

std::string textOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), {});
    if (!in.good() && !in.eof()) throwSystemError(errno, "cannot read " + file.string());
    if (!in.is_open())
        throw ConfigError("cannot read " + file.string() + "; check its name and its rights");
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

}  // namespace

std::vector<NewDecision> decisionsOfFile(const std::filesystem::path& file) {
    const std::string text = textOf(file);
    const std::string name = file.filename().string();
    CsvText csv(text, name);
    CsvRecord record;
    if (!csv.next(record))
        throw ConfigError(name +
                          " is empty; its first line names the columns, such as "
                          "sheet,field,value,reason");
    const std::vector<std::string> keys = record.cells;
    if (std::set<std::string>(keys.begin(), keys.end()).size() != keys.size())
        throw ConfigError({Finding{.file = name,
                                   .line = 1,
                                   .column = 1,
                                   .key = "",
                                   .message = "the line names a column twice"}});
    std::vector<NewDecision> decisions;
    std::vector<Finding> findings;
    while (csv.next(record)) {
        if (record.cells.size() > keys.size()) {
            findings.push_back(
                findingOf(file, record.line,
                          {.detail = "the line has " + std::to_string(record.cells.size()) +
                                     " cells for " + std::to_string(keys.size()) + " columns"}));
            continue;
        }
        GivenDecisions given = decisionOfCells(keys, record.cells);
        for (const DecisionProblem& problem : given.problems)
            findings.push_back(findingOf(file, record.line, problem));
        given.list.front().place = name + ":" + std::to_string(record.line) + ": ";
        decisions.push_back(std::move(given.list.front()));
    }
    if (!findings.empty()) throw ConfigError(std::move(findings));
    return decisions;
}

void throwFindings(const std::filesystem::path& file, const std::vector<NewDecision>& decisions,
                   const std::vector<DecisionProblem>& problems) {
    std::vector<Finding> findings;
    findings.reserve(problems.size());
    for (const DecisionProblem& problem : problems)
        findings.push_back(findingOf(file, lineOf(decisions.at(problem.index)), problem));
    throw ConfigError(std::move(findings));
}

}  // namespace sheafline
