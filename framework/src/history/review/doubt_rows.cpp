#include "history/review/doubt_rows.h"

#include <vector>

#include "history/review/flag_list.h"
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

// Replaces what one sheet contributed to the counts of its batch.
void replace(DoubtCounts& counts, const DoubtCounts& before, const DoubtCounts& now) {
    counts.sheets = counts.sheets - before.sheets + now.sheets;
    counts.answers = counts.answers - before.answers + now.answers;
}

}  // namespace

DoubtRows::DoubtRows(sql::Database& database)
    : count_(database,
             "SELECT count(*), count(DISTINCT nullif(field, 'sheet')) FROM doubts "
             "WHERE batch_id = ?1 AND number = ?2"),
      forget_(database, "DELETE FROM doubts WHERE batch_id = ?1 AND number = ?2"),
      forget_of_sheet_(
          database, "DELETE FROM doubts WHERE batch_id = ?1 AND number = ?2 AND field = 'sheet'"),
      flags_(database,
             "SELECT coalesce(settled.flags, readings.flags) FROM readings JOIN sheets "
             "USING(batch_id, number) LEFT JOIN settled USING(batch_id, number) "
             "WHERE batch_id = ?1 AND number = ?2 AND state = 'read'"),
      add_(database, kAdd) {}

DoubtCounts DoubtRows::countsOf(const std::string& batch_id, int number) {
    count_.bind(1, batch_id).bind(2, number).step();
    const DoubtCounts counts{.sheets = count_.integer(0) > 0 ? 1U : 0U,
                             .answers = static_cast<std::uint64_t>(count_.integer(1))};
    count_.reset();
    return counts;
}

void DoubtRows::add(const std::string& batch_id, int number, const std::string& field,
                    const std::string& flag) {
    add_.bind(1, batch_id).bind(2, number).bind(3, field).bind(4, flag).run();
}

void DoubtRows::updateFromReading(const std::string& batch_id, int number, DoubtCounts& counts) {
    const DoubtCounts before = countsOf(batch_id, number);
    if (before.sheets > 0) forget_.bind(1, batch_id).bind(2, number).run();
    std::string flags;
    if (flags_.bind(1, batch_id).bind(2, number).step()) flags = flags_.text(0);
    flags_.reset();
    const std::vector<Flag> doubts = doubtsIn(flags);
    for (const auto& [field, flag] : doubts) add(batch_id, number, field, flag);
    if (before.sheets > 0 || !doubts.empty()) replace(counts, before, countsOf(batch_id, number));
}

void DoubtRows::updateFromRow(const std::string& batch_id, int number, const std::string& row,
                              DoubtCounts& counts) {
    std::vector<Flag> doubts;
    // Rows without such a flag, which are almost all, are not parsed.
    if (row.find("sheet:") != std::string::npos) {
        const auto texts = textsOf(row);
        if (texts.size() > kFlagsColumn) doubts = doubtsIn(texts[kFlagsColumn]);
        std::erase_if(doubts, [](const Flag& doubt) { return doubt.field != kSheetField; });
    }
    const DoubtCounts before = countsOf(batch_id, number);
    if (before.sheets == 0 && doubts.empty()) return;
    forget_of_sheet_.bind(1, batch_id).bind(2, number).run();
    std::string flags;
    const bool read = flags_.bind(1, batch_id).bind(2, number).step();
    if (read) flags = flags_.text(0);
    flags_.reset();
    for (const auto& [field, flag] : doubtsIn(flags))
        if (field == kSheetField) add(batch_id, number, field, flag);
    if (read)
        for (const auto& [field, flag] : doubts) add(batch_id, number, field, flag);
    replace(counts, before, countsOf(batch_id, number));
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
