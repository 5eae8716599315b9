#include "history/review/doubt_rows.h"

#include <string_view>
#include <utility>

#include "history/text_list.h"

namespace sheafline {

namespace {

constexpr std::size_t kFlagsColumn = 7;  // of a row; contract section 8

// A person's decisions can change a reading without its evidence, which is written by plugins and
// may be any text.
constexpr std::string_view kAdd = R"sql(
INSERT INTO doubts(batch_id, number, field, flag, confidence)
WITH c AS MATERIALIZED (SELECT r.batch_id, r.number, coalesce(
  (SELECT CAST(json_extract(f.value, '$.confidence') AS DOUBLE PRECISION)
   FROM json_each(CASE WHEN json_valid(r.evidence) THEN r.evidence ELSE '{}' END, '$.columns') f
   WHERE f.key = ?3 AND f.type = 'object'
     AND json_type(f.value, '$.confidence') IN ('real', 'integer')),
  (SELECT CAST(json_extract(f.value, '$.confidence') AS DOUBLE PRECISION)
   FROM json_each(CASE WHEN json_valid(r.evidence) THEN r.evidence ELSE '{}' END, '$.fields') f
   WHERE f.key = ?3 AND f.type = 'object'
     AND json_type(f.value, '$.confidence') IN ('real', 'integer')),
  r.confidence, 0.0) AS confidence
  FROM readings r WHERE r.batch_id = ?1 AND r.number = ?2)
SELECT batch_id, number, ?3, ?4,
  CASE WHEN confidence < 0.0 THEN 0.0 WHEN confidence > 1.0 THEN 1.0 ELSE confidence END
FROM c WHERE true ON CONFLICT DO NOTHING)sql";

DoubtCounts countsOf(const std::set<Flag>& doubts) {
    std::set<std::string_view> answers;
    for (const Flag& doubt : doubts)
        if (doubt.field != kSheetField) answers.insert(doubt.field);
    return {.sheets = doubts.empty() ? 0U : 1U, .answers = answers.size()};
}

void replace(DoubtCounts& counts, const std::set<Flag>& before, const std::set<Flag>& now) {
    const DoubtCounts old = countsOf(before);
    const DoubtCounts later = countsOf(now);
    counts.sheets = counts.sheets - old.sheets + later.sheets;
    counts.answers = counts.answers - old.answers + later.answers;
}

}  // namespace

DoubtRows::DoubtRows(sql::Database& database)
    : forget_(database, "DELETE FROM doubts WHERE batch_id = ?1 AND number = ?2"),
      forget_of_sheet_(
          database, "DELETE FROM doubts WHERE batch_id = ?1 AND number = ?2 AND field = 'sheet'"),
      add_(database, kAdd) {}

std::set<Flag> DoubtRows::inRow(const std::string& row) {
    // Rows without such a flag, which are almost all, are not parsed.
    if (row.find("sheet:") == std::string::npos) return {};
    const auto texts = textsOf(row);
    if (texts.size() <= kFlagsColumn) return {};
    std::set<Flag> doubts;
    for (Flag& doubt : doubtsIn(texts[kFlagsColumn]))
        if (doubt.field == kSheetField) doubts.insert(std::move(doubt));
    return doubts;
}

void DoubtRows::add(const std::string& batch_id, int number, const Flag& doubt) {
    add_.bind(1, batch_id).bind(2, number).bind(3, doubt.field).bind(4, doubt.flag).run();
}

void DoubtRows::storeAll(const std::string& batch_id, int number, const std::set<Flag>& before,
                         const std::set<Flag>& now, DoubtCounts& counts) {
    if (!before.empty()) forget_.bind(1, batch_id).bind(2, number).run();
    for (const Flag& doubt : now) add(batch_id, number, doubt);
    replace(counts, before, now);
}

void DoubtRows::storeOfSheet(const std::string& batch_id, int number, const std::set<Flag>& before,
                             const std::set<Flag>& now, DoubtCounts& counts) {
    if (before == now) return;
    forget_of_sheet_.bind(1, batch_id).bind(2, number).run();
    for (const Flag& doubt : now)
        if (doubt.field == kSheetField) add(batch_id, number, doubt);
    replace(counts, before, now);
}

void DoubtRows::dropOfUnreadSheets(sql::Database& database, const std::string& batch_id) {
    for (const char* sql :
         {"DELETE FROM doubts WHERE batch_id = ?1 AND number NOT IN (SELECT number FROM sheets "
          "WHERE batch_id = ?1 AND state = 'read')",
          "UPDATE batches SET sheets_doubtful = (SELECT count(DISTINCT number) FROM doubts WHERE "
          "batch_id = ?1), answers_doubtful = (SELECT count(*) FROM (SELECT DISTINCT number, "
          "field FROM doubts WHERE batch_id = ?1 AND field <> 'sheet') a) WHERE batch_id = ?1"})
        sql::Statement(database, sql).bind(1, batch_id).run();
}

}  // namespace sheafline
