#include "history/changes/sheet_changes.h"

#include <sheafline/error.h>

#include "base/sql/statement.h"
#include "history/decisions/decision_writer.h"
#include "history/text_list.h"

namespace sheafline {

struct SheetChanges::Statements {
    explicit Statements(sql::Database& db);

    sql::Statement add_sheet, freeze, columns, sheet_path, sheet_code, sheet_state, sheet_move,
        sheet_reason, sheet_by_hand, sheet_attempt, reading, forget_reading, row, skip, entries;
};

SheetChanges::Statements::Statements(sql::Database& db)
    : add_sheet(db,
                "INSERT INTO sheets(batch_id, number, file, page, path, state, reason) "
                "VALUES(?1,?2,?3,?4,?5,?6,?7)"),
      freeze(db, "UPDATE batches SET sheets_frozen=1 WHERE batch_id=?1"),
      columns(db, "UPDATE batches SET columns=?2 WHERE batch_id=?1"),
      sheet_path(db, "UPDATE sheets SET path=?3 WHERE batch_id=?1 AND number=?2"),
      sheet_code(db,
                 "UPDATE sheets SET qr=coalesce(?3,qr), grp=coalesce(?4,grp) WHERE batch_id=?1 "
                 "AND number=?2"),
      sheet_state(db, "SELECT state FROM sheets WHERE batch_id=?1 AND number=?2"),
      sheet_move(db, "UPDATE sheets SET state=?3 WHERE batch_id=?1 AND number=?2"),
      sheet_reason(db, "UPDATE sheets SET reason=?3 WHERE batch_id=?1 AND number=?2"),
      sheet_by_hand(db, "UPDATE sheets SET by_hand=1, attempt=0 WHERE batch_id=?1 AND number=?2"),
      sheet_attempt(db, "UPDATE sheets SET attempt=attempt+1 WHERE batch_id=?1 AND number=?2"),
      reading(db,
              "INSERT INTO readings VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(batch_id, number) DO "
              "UPDATE SET \"values\"=excluded.\"values\", flags=excluded.flags, "
              "confidence=excluded.confidence, evidence=excluded.evidence"),
      forget_reading(db, "DELETE FROM readings WHERE batch_id=?1 AND number=?2"),
      row(db,
          "INSERT INTO rows VALUES(?1,?2,?3,?4) ON CONFLICT(batch_id, number) DO UPDATE SET "
          "row=excluded.row, execution=excluded.execution"),
      skip(db, "INSERT INTO skipped(batch_id, file, reason) VALUES(?1,?2,?3)"),
      entries(db,
              "UPDATE batches SET entries_ignored = entries_ignored + ?2, "
              "entries_total = coalesce(?3, entries_total) WHERE batch_id=?1") {}

SheetChanges::SheetChanges(sql::Database& database, DecisionWriter& decisions)
    : sql_(std::make_unique<Statements>(database)), decisions_(decisions), doubts_(database) {}

SheetChanges::~SheetChanges() = default;

void SheetChanges::apply(const Change& change, BatchTally& tally) {
    const std::string& id = change.batch_id;
    for (const Sheet& sheet : change.new_sheets) {
        sql_->add_sheet.bind(1, id)
            .bind(2, sheet.number)
            .bind(3, sheet.file)
            .bind(4, sheet.page)
            .bind(5, sheet.path.native())
            .bind(6, toString(sheet.state))
            .bind(7, sheet.reason)
            .run();
        ++tally.total;
        tally.moveSheet(SheetState::waiting, sheet.state);
    }
    if (change.freeze_sheets) sql_->freeze.bind(1, id).run();
    for (const SkippedEntry& entry : change.skipped)
        sql_->skip.bind(1, id).bind(2, entry.file).bind(3, entry.reason).run();
    if (!change.skipped.empty() || change.entries_total)
        sql_->entries.bind(1, id)
            .bind(2, static_cast<std::uint64_t>(change.skipped.size()))
            .bind(3, change.entries_total)
            .run();
    if (change.columns) sql_->columns.bind(1, id).bind(2, jsonArray(*change.columns)).run();
    for (const ChangedSheet& sheet : change.sheets) changeOne(id, sheet, tally);
}

void SheetChanges::changeOne(const std::string& id, const ChangedSheet& sheet, BatchTally& tally) {
    decisions_.keep(id, sheet.number);
    if (sheet.path) sql_->sheet_path.bind(1, id).bind(2, sheet.number).bind(3, *sheet.path).run();
    if (sheet.qr || sheet.group)
        sql_->sheet_code.bind(1, id)
            .bind(2, sheet.number)
            .bind(3, sheet.qr)
            .bind(4, sheet.group)
            .run();
    if (sheet.by_hand) sql_->sheet_by_hand.bind(1, id).bind(2, sheet.number).run();
    if (sheet.attempt_failed) sql_->sheet_attempt.bind(1, id).bind(2, sheet.number).run();
    if (sheet.reason)
        sql_->sheet_reason.bind(1, id).bind(2, sheet.number).bind(3, *sheet.reason).run();
    if (sheet.reading) {
        sql_->reading.bind(1, id)
            .bind(2, sheet.number)
            .bind(3, jsonArray(sheet.reading->values))
            .bind(4, sheet.reading->flags)
            .bind(5, sheet.reading->confidence)
            .bind(6, sheet.reading->evidence)
            .run();
        decisions_.forgetSettled(id, sheet.number);
    }
    if (sheet.settled) decisions_.settle(id, sheet.number, *sheet.settled);
    if (sheet.row)
        sql_->row.bind(1, id)
            .bind(2, sheet.number)
            .bind(3, *sheet.row)
            .bind(4, tally.execution)
            .run();
    if (sheet.state) move(id, sheet.number, *sheet.state, tally);
    if (sheet.reading || sheet.settled || sheet.state)
        doubts_.updateFromReading(id, sheet.number, tally.doubtful);
    if (sheet.row) doubts_.updateFromRow(id, sheet.number, *sheet.row, tally.doubtful);
}

void SheetChanges::move(const std::string& batch_id, int number, SheetState to, BatchTally& tally) {
    sql::Statement& old = sql_->sheet_state;
    if (!old.bind(1, batch_id).bind(2, number).step()) {
        throw Error(ErrorClass::permanent, "NO_SUCH_SHEET",
                    "the batch '" + batch_id + "' has no sheet " + std::to_string(number));
    }
    tally.moveSheet(sheetState(old.text(0)), to);
    old.reset();
    sql_->sheet_move.bind(1, batch_id).bind(2, number).bind(3, toString(to)).run();
    // The earlier reading is out of date.
    if (to != SheetState::waiting) return;
    sql_->forget_reading.bind(1, batch_id).bind(2, number).run();
    decisions_.forgetSettled(batch_id, number);
}

}  // namespace sheafline
