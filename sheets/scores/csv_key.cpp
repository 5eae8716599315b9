#include "scores/csv_key.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <utility>

#include <sheafline/csv_records.h>

#include "base/units.h"
#include "templates/label_range.h"

namespace sheafline::sheets {

namespace {

// "D,E" are two right answers; a list of OMRChecker, [['D', 2], ['E', 1]], is left to its reader.
std::vector<std::string> answersIn(const std::string& cell) {
    if (cell.starts_with('[')) return {cell};
    std::vector<std::string> answers;
    std::istringstream stream(cell);
    for (std::string answer; std::getline(stream, answer, ',');)
        answers.push_back(withoutSpaces(answer));
    if (answers.empty()) answers.emplace_back();
    return answers;
}

struct KeyLine {
    std::string question{};
    std::string answer{};
    std::array<double, 3> points{1, 0, 0};  // right, wrong, blank
};

class CsvKeyReader {
 public:
    explicit CsvKeyReader(FindingList& findings) : findings_(findings) {}

    void add(const CsvRecord& record) {
        const auto& [number, cells] = record;
        if (number == 1 && cells[0] == "question") return;
        if (cells.size() < 2 || cells.size() > 5 || cells[0].empty()) {
            findings_.add(number, 1, cells[0],
                          "not a line of an answer key; write question,answer,points");
            return;
        }
        KeyLine key{.question = cells[0], .answer = cells[1]};
        for (std::size_t i = 2; i < cells.size(); ++i) {
            const auto points = parseNumber(cells[i]);
            if (!points) {
                findings_.add(number, 1, cells[0], "'" + cells[i] + "' is not a number of points");
                return;
            }
            key.points.at(i - 2) = *points;
        }
        const auto names = expandRange(key.question);
        if (names.empty()) findings_.add(number, 1, cells[0], "'" + cells[0] + "' is not a range");
        for (const std::string& name : names) add(name, key, number);
    }

    CsvKey take() { return std::move(key_); }

 private:
    void add(const std::string& name, const KeyLine& line, int number) {
        auto found = std::ranges::find(key_.answers, name, &KeyedAnswer::column);
        if (found == key_.answers.end()) {
            found = key_.answers.insert(found, {.column = name});
            key_.lines.push_back(number);
        }
        for (const std::string& answer : answersIn(line.answer))
            found->right.emplace_back(answer, line.points[0]);
        found->wrong = line.points[1];
        found->blank = line.points[2];
    }

    FindingList& findings_;
    CsvKey key_{};
};

}  // namespace

CsvKey readCsvKey(std::string_view text, FindingList& findings) {
    CsvKeyReader reader(findings);
    for (const CsvRecord& record : csvRecords(text, ',')) reader.add(record);
    return reader.take();
}

}  // namespace sheafline::sheets
