#include "history/changes/sheet_changes.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include <sheafline/error.h>

#include "base/sql/statement.h"
#include "history/decisions/decision_writer.h"
#include "history/text_list.h"

namespace sheafline {

namespace {

// The first sheets, which can be changed together: none of them twice.
std::vector<int> firstOf(std::span<const ChangedSheet> sheets) {
    std::vector<int> numbers;
    for (const ChangedSheet& sheet : sheets) {
        if (numbers.size() == StoredSheets::kMost) break;
        if (std::ranges::find(numbers, sheet.number) != numbers.end()) break;
        numbers.push_back(sheet.number);
    }
    return numbers;
}

std::optional<std::string_view> nameOf(const std::optional<SheetState>& state) {
    return state ? std::optional(toString(*state)) : std::nullopt;
}

}  // namespace

struct SheetChanges::Statements {
    explicit Statements(sql::Database& db);

    sql::Statement add, freeze, columns, skip, entries;
    sql::Statement change, reading, forget_reading, row, forget_settled;  // for many rows
};

SheetChanges::Statements::Statements(sql::Database& db)
    : add(db,
          "INSERT INTO sheets(batch_id, number, file, page, path, state, reason) "
          "VALUES(?1,?2,?3,?4,?5,?6,?7)",
          sql::Rows::many),
      freeze(db, "UPDATE batches SET sheets_frozen=1 WHERE batch_id=?1"),
      columns(db, "UPDATE batches SET columns=?2 WHERE batch_id=?1"),
      skip(db, "INSERT INTO skipped(batch_id, file, reason) VALUES(?1,?2,?3)", sql::Rows::many),
      entries(db,
              "UPDATE batches SET entries_ignored = entries_ignored + ?2, "
              "entries_total = coalesce(?3, entries_total) WHERE batch_id=?1"),
      change(db,
             "UPDATE sheets SET path=coalesce(?3,path), qr=coalesce(?4,qr), grp=coalesce(?5,grp), "
             "state=coalesce(?6,state), reason=coalesce(?7,reason), "
             "by_hand=CASE WHEN ?8=1 THEN 1 ELSE by_hand END, "
             "attempt=CASE WHEN ?8=1 THEN 0 ELSE attempt END + ?9 "
             "WHERE batch_id=?1 AND number=?2",
             sql::Rows::many),
      reading(db,
              "INSERT INTO readings VALUES(?1,?2,?3,?4,?5,?6) ON CONFLICT(batch_id, number) DO "
              "UPDATE SET \"values\"=excluded.\"values\", flags=excluded.flags, "
              "confidence=excluded.confidence, evidence=excluded.evidence",
              sql::Rows::many),
      forget_reading(db, "DELETE FROM readings WHERE batch_id=?1 AND number=?2", sql::Rows::many),
      row(db,
          "INSERT INTO rows VALUES(?1,?2,?3,?4) ON CONFLICT(batch_id, number) DO UPDATE SET "
          "row=excluded.row, execution=excluded.execution",
          sql::Rows::many),
      forget_settled(db, "DELETE FROM settled WHERE batch_id=?1 AND number=?2", sql::Rows::many) {}

SheetChanges::SheetChanges(sql::Database& database, DecisionWriter& decisions)
    : sql_(std::make_unique<Statements>(database)),
      decisions_(decisions),
      doubts_(database),
      stored_(database) {}

SheetChanges::~SheetChanges() = default;

void SheetChanges::apply(const Change& change, BatchTally& tally) {
    const std::string& id = change.batch_id;
    add(id, change.new_sheets, tally);
    if (change.freeze_sheets) sql_->freeze.bind(1, id).run();
    for (const SkippedEntry& entry : change.skipped)
        sql_->skip.bind(1, id).bind(2, entry.file).bind(3, entry.reason).addRow();
    sql_->skip.runRows();
    if (!change.skipped.empty() || change.entries_total)
        sql_->entries.bind(1, id)
            .bind(2, static_cast<std::uint64_t>(change.skipped.size()))
            .bind(3, change.entries_total)
            .run();
    if (change.columns) sql_->columns.bind(1, id).bind(2, jsonArray(*change.columns)).run();
    for (std::span<const ChangedSheet> left(change.sheets); !left.empty();) {
        const std::vector<int> numbers = firstOf(left);
        stored_.read(id, numbers);
        changeSome(id, left.first(numbers.size()), tally);
        left = left.subspan(numbers.size());
    }
}

void SheetChanges::add(const std::string& batch_id, const std::vector<Sheet>& sheets,
                       BatchTally& tally) {
    for (const Sheet& sheet : sheets) {
        sql_->add.bind(1, batch_id)
            .bind(2, sheet.number)
            .bind(3, sheet.file)
            .bind(4, sheet.page)
            .bind(5, sheet.path.native())
            .bind(6, toString(sheet.state))
            .bind(7, sheet.reason)
            .addRow();
        ++tally.total;
        tally.moveSheet(SheetState::waiting, sheet.state);
    }
    sql_->add.runRows();
}

void SheetChanges::changeSome(const std::string& batch_id, std::span<const ChangedSheet> sheets,
                              BatchTally& tally) {
    for (const ChangedSheet& sheet : sheets) {
        if (!sheet.state || stored_.find(sheet.number) != nullptr) continue;
        throw Error(ErrorClass::permanent, "NO_SUCH_SHEET",
                    "the batch '" + batch_id + "' has no sheet " + std::to_string(sheet.number));
    }
    if (stored_.applying())
        for (const ChangedSheet& sheet : sheets) decisions_.keep(batch_id, sheet.number);
    for (const ChangedSheet& sheet : sheets)
        changeOne(batch_id, sheet, stored_.find(sheet.number), tally.execution);
    for (sql::Statement* statement :
         {&sql_->change, &sql_->reading, &sql_->row, &sql_->forget_reading, &sql_->forget_settled})
        statement->runRows();
    for (const ChangedSheet& sheet : sheets) {
        if (sheet.settled && sheet.state != SheetState::waiting)
            decisions_.settle(batch_id, sheet.number, *sheet.settled);
        const StoredSheet* stored = stored_.find(sheet.number);
        if (stored == nullptr) continue;
        if (sheet.state) tally.moveSheet(stored->state, *sheet.state);
        storeDoubts(batch_id, sheet, *stored, tally.doubtful);
    }
}

void SheetChanges::changeOne(const std::string& batch_id, const ChangedSheet& sheet,
                             const StoredSheet* stored, int execution) {
    const auto bound = [&](sql::Statement& statement) -> sql::Statement& {
        return statement.bind(1, batch_id).bind(2, sheet.number);
    };
    if (sheet.path || sheet.qr || sheet.group || sheet.state || sheet.reason || sheet.by_hand ||
        sheet.attempt_failed)
        bound(sql_->change)
            .bind(3, sheet.path)
            .bind(4, sheet.qr)
            .bind(5, sheet.group)
            .bind(6, nameOf(sheet.state))
            .bind(7, sheet.reason)
            .bind(8, sheet.by_hand ? 1 : 0)
            .bind(9, sheet.attempt_failed ? 1 : 0)
            .addRow();
    // The earlier reading of a sheet that waits is out of date.
    const bool waits = sheet.state == SheetState::waiting;
    if (sheet.reading && !waits)
        bound(sql_->reading)
            .bind(3, jsonArray(sheet.reading->values))
            .bind(4, sheet.reading->flags)
            .bind(5, sheet.reading->confidence)
            .bind(6, sheet.reading->evidence)
            .addRow();
    if (sheet.row) bound(sql_->row).bind(3, *sheet.row).bind(4, execution).addRow();
    if (waits && (stored == nullptr || stored->read_flags)) bound(sql_->forget_reading).addRow();
    const bool is_settled = stored == nullptr || stored->settled_flags;
    if (is_settled && (waits || (sheet.reading && !sheet.settled)))
        bound(sql_->forget_settled).addRow();
}

void SheetChanges::storeDoubts(const std::string& batch_id, const ChangedSheet& sheet,
                               const StoredSheet& stored, DoubtCounts& counts) {
    StoredSheet changed = stored;
    changed.state = sheet.state.value_or(stored.state);
    if (sheet.reading) {
        changed.read_flags = sheet.reading->flags;
        changed.settled_flags.reset();
    }
    if (sheet.settled) changed.settled_flags = sheet.settled->flags;
    const std::set<Flag> of_reading = changed.doubtsOfReading();
    const bool reads_again = sheet.reading || sheet.settled || sheet.state;
    std::set<Flag> now = reads_again ? of_reading : stored.doubts;
    if (sheet.row) {
        std::erase_if(now, [](const Flag& doubt) { return doubt.field == kSheetField; });
        std::ranges::copy_if(of_reading, std::inserter(now, now.end()),
                             [](const Flag& doubt) { return doubt.field == kSheetField; });
        if (changed.isRead()) now.merge(DoubtRows::inRow(*sheet.row));
    }
    if (reads_again)
        doubts_.storeAll(batch_id, sheet.number, stored.doubts, now, counts);
    else
        doubts_.storeOfSheet(batch_id, sheet.number, stored.doubts, now, counts);
}

}  // namespace sheafline
