// What a person reviews: the answers in doubt, and the rows of the sheets. Reads through a
// HistoryReader, on its thread. Pages continue after a position, not after a number of items, so
// that an item that is settled meanwhile hides no other.
//
//     ReviewReader reader(history);
//     for (const DoubtfulAnswer& answer : reader.answers(batch, {.flag = "faint"})) show(answer);
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "history/history_reader.h"

namespace sheafline {

enum class ReviewOrder { by_sheet, by_confidence };  // by_confidence: the least certain first

struct ReviewPosition {
    double confidence = 0;  // used by ReviewOrder::by_confidence only
    int number = 0;
    std::string field{};  // of an answer
};

// Only sheets whose row has this value; `place` is the column's place in the row.
struct ColumnFilter {
    std::size_t place = 0;
    std::string value{};
};

struct AnswerFilter {
    std::optional<std::string> flag{};
    std::optional<std::string> field{};  // "sheet": flags of the whole sheet, which are no answers
    std::optional<ColumnFilter> column{};
    ReviewOrder order = ReviewOrder::by_sheet;
    std::optional<ReviewPosition> after{};
    int limit = 1000;
};

struct DoubtfulAnswer {
    Sheet sheet{};
    std::string field{};
    std::string value{};
    std::vector<std::string> flags{};
    double confidence = 0;
    std::string evidence{};  // of the whole reading

    ReviewPosition position() const {
        return {.confidence = confidence, .number = sheet.number, .field = field};
    }
};

struct RowFilter {
    std::optional<SheetState> state{};
    bool doubtful = false;              // only rows of doubtful sheets
    std::optional<std::string> flag{};  // only rows with such a doubt
    std::optional<std::string> field{};
    std::optional<ColumnFilter> column{};
    std::string text{};  // a part of any value but the batch's id; letter case of ASCII is ignored
    ReviewOrder order = ReviewOrder::by_sheet;
    std::optional<ReviewPosition> after{};
    int limit = 1000;
};

struct ReviewedRow {
    int number = 0;
    std::vector<std::string> row{};
    double confidence = 0;  // above 1 if the sheet was not read

    ReviewPosition position() const { return {.confidence = confidence, .number = number}; }
};

class ReviewReader {
 public:
    explicit ReviewReader(HistoryReader& history) : database_(history.database()) {}

    // Throws Error (DATA_FOLDER) if the history is of a version without doubts.
    std::vector<DoubtfulAnswer> answers(const BatchRow& batch, const AnswerFilter& filter);
    std::vector<ReviewedRow> rows(const BatchRow& batch, const RowFilter& filter);

 private:
    void requireDoubts();

    sql::Database& database_;
};

}  // namespace sheafline
