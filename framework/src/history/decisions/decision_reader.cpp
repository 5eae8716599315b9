#include "history/decisions/decision_reader.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/sql/statement.h"

namespace sheafline {

namespace {

constexpr std::string_view kColumns =
    "SELECT decision_id, sheet, field, kind, value, undoes, before, before_flag, \"user\", "
    "decided_at, "
    "reason, state, execution, undone_by FROM decisions WHERE batch_id = ?1 ";

std::vector<Decision> decisionsOf(sql::Statement& rows) {
    std::vector<Decision> decisions;
    while (rows.step()) {
        decisions.push_back({.id = static_cast<int>(rows.integer(0)),
                             .sheet = static_cast<int>(rows.integer(1)),
                             .field = rows.text(2),
                             .kind = decisionKind(rows.text(3)),
                             .value = rows.text(4),
                             .undoes = static_cast<int>(rows.integer(5)),
                             .before = rows.text(6),
                             .before_flag = rows.text(7),
                             .user = rows.text(8),
                             .at = rows.text(9),
                             .reason = rows.text(10),
                             .state = decisionState(rows.text(11)),
                             .execution = static_cast<int>(rows.integer(12)),
                             .undone_by = static_cast<int>(rows.integer(13))});
    }
    return decisions;
}

}  // namespace

std::vector<Decision> DecisionReader::list(std::string_view batch_id,
                                           const DecisionFilter& filter) {
    // A condition that is not there, rather than one that a null parameter makes true: only so does
    // the index of the sheets count, and a long list of decisions asks once for each of them.
    std::string sql(kColumns);
    if (filter.state) sql += "AND state = ?2 ";
    if (filter.sheet) sql += "AND sheet = ?3 ";
    if (filter.field) sql += "AND field IN ('', ?6) ";
    sql::Statement list(database_, sql + "AND decision_id > ?4 ORDER BY decision_id LIMIT ?5");
    list.bind(1, batch_id).bind(4, filter.after).bind(5, filter.limit);
    if (filter.state) list.bind(2, toString(*filter.state));
    if (filter.sheet) list.bind(3, *filter.sheet);
    if (filter.field) list.bind(6, *filter.field);
    return decisionsOf(list);
}

std::vector<Decision> DecisionReader::ofRequest(std::string_view batch_id,
                                                std::string_view request) {
    sql::Statement list(database_, std::string(kColumns) + "AND request = ?2 ORDER BY decision_id");
    list.bind(1, batch_id).bind(2, request);
    return decisionsOf(list);
}

std::optional<Decision> DecisionReader::find(std::string_view batch_id, int id) {
    sql::Statement one(database_, std::string(kColumns) + "AND decision_id = ?2");
    one.bind(1, batch_id).bind(2, id);
    const auto found = decisionsOf(one);
    return found.empty() ? std::nullopt : std::optional(found.front());
}

std::map<int, std::vector<DecidedField>> DecisionReader::decidedFields(std::string_view batch_id) {
    sql::Statement list(database_,
                        "SELECT sheet, field, value, \"user\", decided_at FROM decisions WHERE "
                        "batch_id = ?1 AND state IN ('applying', 'applied') AND kind IN "
                        "('value', 'confirm') ORDER BY decision_id");
    list.bind(1, batch_id);
    std::map<int, std::vector<DecidedField>> decided;
    while (list.step()) {
        auto& of_sheet = decided[static_cast<int>(list.integer(0))];
        DecidedField field{
            .column = list.text(1), .value = list.text(2), .by = list.text(3), .at = list.text(4)};
        // The last decision about a field counts.
        std::erase_if(of_sheet, [&](const auto& other) { return other.column == field.column; });
        of_sheet.push_back(std::move(field));
    }
    return decided;
}

std::vector<int> DecisionReader::changedSheets(std::string_view batch_id, int execution) {
    // Another key changes all of them.
    sql::Statement list(
        database_,
        "SELECT DISTINCT sheet FROM decisions WHERE batch_id = ?1 AND state = 'applying' AND sheet "
        "> 0 UNION SELECT number FROM rows WHERE batch_id = ?1 AND execution = ?2 UNION SELECT "
        "number FROM sheets WHERE batch_id = ?1 AND EXISTS(SELECT 1 FROM decisions d WHERE "
        "d.batch_id = ?1 AND d.state = 'applying' AND (d.kind = 'score' OR (d.kind = 'undo' AND "
        "EXISTS(SELECT 1 FROM decisions u WHERE u.batch_id = ?1 AND u.decision_id = d.undoes AND "
        "u.kind = 'score')))) ORDER BY 1");
    list.bind(1, batch_id).bind(2, execution);
    std::vector<int> sheets;
    while (list.step()) sheets.push_back(static_cast<int>(list.integer(0)));
    return sheets;
}

std::string DecisionReader::scoringKey(std::string_view batch_id) {
    sql::Statement find(database_,
                        "SELECT value FROM decisions WHERE batch_id = ?1 AND kind = 'score' AND "
                        "state IN ('applying', 'applied') ORDER BY decision_id DESC LIMIT 1");
    return find.bind(1, batch_id).step() ? find.text(0) : std::string();
}

bool DecisionReader::reversibleApply(std::string_view batch_id) {
    sql::Statement find(database_, "SELECT 1 FROM applies WHERE batch_id = ?1");
    return find.bind(1, batch_id).step();
}

std::optional<std::string> DecisionReader::reviewingSince(std::string_view batch_id) {
    sql::Statement find(database_, "SELECT reviewing_since FROM batches WHERE batch_id = ?1");
    return find.bind(1, batch_id).step() ? find.optionalText(0) : std::nullopt;
}

int DecisionReader::lastId(std::string_view batch_id) {
    sql::Statement last(database_,
                        "SELECT coalesce(max(decision_id), 0) FROM decisions WHERE batch_id = ?1");
    last.bind(1, batch_id).step();
    return static_cast<int>(last.integer(0));
}

std::optional<std::uint64_t> DecisionReader::continuedWithout(std::string_view batch_id) {
    sql::Statement last(database_,
                        "SELECT value FROM decisions WHERE batch_id = ?1 AND kind = 'continue' "
                        "AND state IN ('applying', 'applied') ORDER BY decision_id DESC LIMIT "
                        "1");
    if (!last.bind(1, batch_id).step()) return std::nullopt;
    const std::string text = last.text(0);
    std::uint64_t sheets = 0;
    std::from_chars(text.data(), text.data() + text.size(), sheets);
    return sheets;
}

}  // namespace sheafline
