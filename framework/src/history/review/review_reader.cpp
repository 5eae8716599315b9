#include "history/review/review_reader.h"

#include <algorithm>

#include <Poco/String.h>

#include <sheafline/error.h>
#include <sheafline/json_writer.h>

#include "base/sql/statement.h"
#include "history/history_schema.h"
#include "history/review/flag_list.h"
#include "history/text_list.h"

namespace sheafline {

namespace {

// Doubts of fields that are no columns come after those of the columns.
constexpr std::size_t kNoColumn = 1'000'000;

// ?1 batch, ?2 columns, ?3 field, ?4 flag, ?5 to ?8 the position after which the page begins, ?10
// the path of a column in the row, ?11 its value.
constexpr std::string_view kAnswers = R"sql(
SELECT s.number, s.file, s.page, s.state, s.reason, s.qr, s.grp, a.field, a.flags, a.confidence,
  r."values", r.evidence, a.place
FROM (SELECT d.number, d.field, group_concat(d.flag, ';') AS flags, min(d.confidence) AS confidence,
        max(CASE WHEN d.flag = ?4 THEN 1 ELSE 0 END) AS has_flag, coalesce(min(c.key), 1000000) AS place
      FROM doubts d LEFT JOIN json_each(?2) c ON c.value = d.field
      WHERE d.batch_id = ?1 AND (d.field = ?3 OR (?3 IS NULL AND d.field <> 'sheet'))
      GROUP BY d.number, d.field) a
JOIN sheets s ON s.batch_id = ?1 AND s.number = a.number
JOIN readings r ON r.batch_id = ?1 AND r.number = a.number
WHERE (?4 IS NULL OR a.has_flag = 1) AND (CAST(?11 AS TEXT) IS NULL OR EXISTS(
  SELECT 1 FROM rows o JOIN rows w ON w.batch_id = ?1
    AND w.number = CAST(json_extract(o.row, '$[1]') AS INTEGER)
  WHERE o.batch_id = ?1 AND o.number = a.number AND json_extract(w.row, ?10) = ?11))
AND ()sql";

constexpr std::string_view kAnswersBySheet =
    "(a.number, a.place, a.field) > (?6, ?7, ?8) OR ?6 IS NULL) ORDER BY a.number, a.place, "
    "a.field LIMIT ?9";
constexpr std::string_view kAnswersByConfidence =
    "(a.confidence, a.number, a.place, a.field) > (?5, ?6, ?7, ?8) OR ?6 IS NULL) "
    "ORDER BY a.confidence, a.number, a.place, a.field LIMIT ?9";

// ?1 batch, ?2 state, ?3 field, ?4 flag, ?5 a text in lower case, ?6 the same as it is written in
// JSON, ?7 and ?8 the position after which the page begins, ?10 and ?11 as above. A sheet whose
// answers are in the row of another one has the first 8 columns alone; its column `sheet` is the
// number of the other one.
constexpr std::string_view kRows = R"sql(
SELECT number, row, confidence FROM (
  SELECT w.number, w.row, coalesce(d.confidence, r.confidence, 2) AS confidence
  FROM rows w JOIN sheets s USING(batch_id, number) LEFT JOIN readings r ON s.state = 'read'
    AND r.batch_id = w.batch_id AND r.number = w.number
    LEFT JOIN settled d ON s.state = 'read' AND d.batch_id = w.batch_id AND d.number = w.number
  WHERE w.batch_id = ?1 AND (s.state = ?2 OR ?2 IS NULL) AND json_array_length(w.row) <> 8
    AND (CAST(?11 AS TEXT) IS NULL OR json_extract(w.row, ?10) = ?11)
    AND (?5 = '' OR (instr(lower(w.row), ?6) > 0 AND EXISTS(SELECT 1 FROM json_each(w.row) v
      WHERE v.key > 0 AND instr(lower(v.value), ?5) > 0)))) matching
WHERE ()sql";

constexpr std::string_view kOnlyDoubtful = R"sql(AND number IN (
  SELECT CAST(json_extract(j.row, '$[1]') AS INTEGER)
  FROM doubts d JOIN rows j ON j.batch_id = ?1 AND j.number = d.number
  WHERE d.batch_id = ?1 AND (d.field = ?3 OR ?3 IS NULL) AND (d.flag = ?4 OR ?4 IS NULL)) )sql";

constexpr std::string_view kRowsBySheet = "number > ?8 OR ?8 IS NULL) ";
constexpr std::string_view kRowsByConfidence = "(confidence, number) > (?7, ?8) OR ?8 IS NULL) ";

std::size_t placeOf(const BatchRow& batch, const std::string& field) {
    const auto found = std::ranges::find(batch.columns, field);
    return found == batch.columns.end() ? kNoColumn
                                        : static_cast<std::size_t>(found - batch.columns.begin());
}

// As it is inside of a JSON text.
std::string escaped(const std::string& text) {
    const std::string json = JsonWriter().beginObject().text("a", text).endObject().take();
    constexpr std::string_view kBefore = R"({"a":")";
    constexpr std::string_view kBehind = R"("})";
    return json.substr(kBefore.size(), json.size() - kBefore.size() - kBehind.size());
}

void bindColumn(sql::Statement& list, const std::optional<ColumnFilter>& column) {
    if (!column) return;
    list.bind(10, "$[" + std::to_string(column->place) + "]").bind(11, column->value);
}

}  // namespace

void ReviewReader::requireDoubts() {
    if (database_.version() >= kFirstHistoryWithDoubts) return;
    throw Error(ErrorClass::permanent, "DATA_FOLDER",
                "the history in " + database_.place() +
                    " is of an older version without doubts; `sheafline serve`, `run` or `resume` "
                    "migrates it");
}

std::vector<DoubtfulAnswer> ReviewReader::answers(const BatchRow& batch,
                                                  const AnswerFilter& filter) {
    requireDoubts();
    const bool by_sheet = filter.order == ReviewOrder::by_sheet;
    sql::Statement list(
        database_,
        std::string(kAnswers) + std::string(by_sheet ? kAnswersBySheet : kAnswersByConfidence));
    list.bind(1, batch.batch_id)
        .bind(2, jsonArray(batch.columns))
        .bind(3, filter.field)
        .bind(4, filter.flag)
        .bind(9, filter.limit);
    bindColumn(list, filter.column);
    if (const auto& after = filter.after) {
        if (!by_sheet) list.bind(5, after->confidence);
        list.bind(6, after->number)
            .bind(7, static_cast<std::uint64_t>(placeOf(batch, after->field)))
            .bind(8, after->field);
    }
    std::vector<DoubtfulAnswer> answers;
    while (list.step()) {
        DoubtfulAnswer answer{.sheet = {.number = static_cast<int>(list.integer(0)),
                                        .file = list.text(1),
                                        .page = static_cast<int>(list.integer(2)),
                                        .state = sheetState(list.text(3)),
                                        .reason = list.text(4),
                                        .qr = list.text(5),
                                        .group = list.text(6)},
                              .field = list.text(7),
                              .confidence = list.real(9),
                              .evidence = list.text(11)};
        for (Flag& flag : flagsIn(list.text(8))) answer.flags.push_back(std::move(flag.flag));
        const auto values = textsOf(list.text(10));
        const auto place = static_cast<std::size_t>(list.integer(12));
        if (place < values.size()) answer.value = values[place];
        answers.push_back(std::move(answer));
    }
    return answers;
}

std::vector<ReviewedRow> ReviewReader::rows(const BatchRow& batch, const RowFilter& filter) {
    const bool only_doubtful = filter.doubtful || filter.flag || filter.field;
    if (only_doubtful) requireDoubts();
    const bool by_sheet = filter.order == ReviewOrder::by_sheet;
    const std::string text = Poco::toLower(filter.text);
    std::string sql(kRows);
    sql += by_sheet ? kRowsBySheet : kRowsByConfidence;
    if (only_doubtful) sql += kOnlyDoubtful;  // a history without doubts has no such table
    sql += by_sheet ? "ORDER BY number LIMIT ?9" : "ORDER BY confidence, number LIMIT ?9";
    sql::Statement list(database_, sql);
    list.bind(1, batch.batch_id).bind(5, text).bind(6, escaped(text)).bind(9, filter.limit);
    bindColumn(list, filter.column);
    if (only_doubtful) list.bind(3, filter.field).bind(4, filter.flag);
    if (filter.state) list.bind(2, toString(*filter.state));
    if (filter.after) {
        if (!by_sheet) list.bind(7, filter.after->confidence);
        list.bind(8, filter.after->number);
    }
    std::vector<ReviewedRow> rows;
    while (list.step()) {
        rows.push_back({.number = static_cast<int>(list.integer(0)),
                        .row = textsOf(list.text(1)),
                        .confidence = list.real(2)});
    }
    return rows;
}

}  // namespace sheafline
