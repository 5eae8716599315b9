// What applied decisions do to the sheets, and how a failed apply is taken back.
#include <algorithm>
#include <span>

#include "base/clocks.h"
#include "history/changes/stored_sheets.h"
#include "history/decisions/decision_reader.h"
#include "history/decisions/decision_writer.h"
#include "history/review/doubt_rows.h"

namespace sheafline {

namespace {

constexpr const char* kDiscarded =
    "UPDATE sheets SET state = 'discarded', reason = 'discarded by hand', by_hand = 1 WHERE "
    "batch_id = ?1 AND number = ?2";
constexpr const char* kWaits =
    "UPDATE sheets SET state = 'waiting', reason = '', attempt = 0 WHERE batch_id = ?1 AND number "
    "= ?2";
constexpr const char* kForgetReading = "DELETE FROM readings WHERE batch_id = ?1 AND number = ?2";
// A code that a person entered stays.
constexpr const char* kForgetCode =
    "UPDATE sheets SET qr = '', grp = '' WHERE batch_id = ?1 AND number = ?2 AND by_hand = 0";
// With decisions that still count, the sheet is settled by them; otherwise by its reading alone.
constexpr const char* kSettleAgain =
    "UPDATE sheets SET reason = '', state = CASE WHEN NOT EXISTS(SELECT 1 FROM readings r WHERE "
    "r.batch_id = ?1 AND r.number = ?2) OR EXISTS(SELECT 1 FROM decisions d WHERE d.batch_id = ?1 "
    "AND d.sheet = ?2 AND d.kind IN ('value', 'confirm') AND d.state IN ('applying', 'applied')) "
    "THEN 'waiting' ELSE 'read' END WHERE batch_id = ?1 AND number = ?2";

bool changesScores(sql::Database& database, const std::string& batch_id, const Decision& decision) {
    if (decision.kind == DecisionKind::score) return true;
    if (decision.kind != DecisionKind::undo) return false;
    const auto undone = DecisionReader(database).find(batch_id, decision.undoes);
    return undone && undone->kind == DecisionKind::score;
}

std::optional<std::string> rowOf(sql::Database& database, const std::string& batch_id, int sheet) {
    sql::Statement find(database, "SELECT row FROM rows WHERE batch_id = ?1 AND number = ?2");
    if (!find.bind(1, batch_id).bind(2, sheet).step()) return std::nullopt;
    return find.text(0);
}

}  // namespace

void DecisionWriter::begin(const std::string& batch_id) {
    sql::Statement(database_,
                   "INSERT INTO applies SELECT batch_id, state, outcome, columns FROM "
                   "batches WHERE batch_id = ?1 ON CONFLICT DO NOTHING")
        .bind(1, batch_id)
        .run();
}

void DecisionWriter::apply(const std::string& batch_id, const ApplyDecisions& apply) {
    const int last = apply.last > 0 ? apply.last : DecisionReader(database_).lastId(batch_id);
    sql::Statement(database_,
                   "UPDATE decisions SET state = 'applying', execution = (SELECT execution FROM "
                   "batches WHERE batch_id = ?1) WHERE batch_id = ?1 AND state = 'pending' AND "
                   "decision_id <= ?2 AND (?3 = '' OR request = ?3)")
        .bind(1, batch_id)
        .bind(2, last)
        .bind(3, apply.request)
        .run();
    const auto applying =
        DecisionReader(database_).list(batch_id, {.state = DecisionState::applying});
    for (const Decision& decision : applying) keep(batch_id, decision.sheet);
    if (std::ranges::any_of(applying, [&](const Decision& decision) {
            return changesScores(database_, batch_id, decision);
        }))
        keepAll(batch_id);
    for (const Decision& decision : applying) changeSheet(batch_id, decision);
    std::vector<int> changed;
    changed.reserve(applying.size());
    for (const Decision& decision : applying) changed.push_back(decision.sheet);
    countSheets(batch_id, changed);
}

void DecisionWriter::changeSheet(const std::string& batch_id, const Decision& decision) {
    const auto run = [&](const char* sql) {
        sql::Statement(database_, sql).bind(1, batch_id).bind(2, decision.sheet).run();
    };
    switch (decision.kind) {
        case DecisionKind::value:
        case DecisionKind::confirm:
            run("UPDATE sheets SET state = 'waiting' WHERE batch_id = ?1 AND number = ?2 AND "
                "state = 'read'");
            return forgetSettled(batch_id, decision.sheet);
        case DecisionKind::qr:
            sql::Statement(database_,
                           "UPDATE sheets SET qr = ?3, grp = '', by_hand = 1 WHERE batch_id = "
                           "?1 AND number = ?2")
                .bind(1, batch_id)
                .bind(2, decision.sheet)
                .bind(3, decision.value)
                .run();
            run(kWaits);
            run(kForgetReading);
            return forgetSettled(batch_id, decision.sheet);
        case DecisionKind::discard:
            return run(kDiscarded);
        case DecisionKind::read_again:
            sql::Statement(database_,
                           "UPDATE decisions SET state = 'undone', undone_by = ?3 WHERE "
                           "batch_id = ?1 AND sheet = ?2 AND decision_id < ?3 AND kind IN "
                           "('value', 'confirm', 'discard') AND state <> 'undone'")
                .bind(1, batch_id)
                .bind(2, decision.sheet)
                .bind(3, decision.id)
                .run();
            run(kForgetCode);
            run(kWaits);
            run(kForgetReading);
            return forgetSettled(batch_id, decision.sheet);
        case DecisionKind::undo:
            undoPending(batch_id, decision.undoes, decision.id);
            if (const auto undone = DecisionReader(database_).find(batch_id, decision.undoes))
                undo(batch_id, *undone);
            return;
        case DecisionKind::score:
            return scoreAgain(batch_id);
        case DecisionKind::proceed:
            return;
    }
}

// Every sheet that was read waits for its score, with its reading.
void DecisionWriter::scoreAgain(const std::string& batch_id) {
    for (const char* sql :
         {"UPDATE sheets SET state = 'waiting' WHERE batch_id = ?1 AND state = 'read' AND EXISTS("
          "SELECT 1 FROM readings r WHERE r.batch_id = ?1 AND r.number = sheets.number)",
          "DELETE FROM settled WHERE batch_id = ?1"})
        sql::Statement(database_, sql).bind(1, batch_id).run();
}

void DecisionWriter::undo(const std::string& batch_id, const Decision& undone) {
    const auto run = [&](const char* sql) {
        sql::Statement(database_, sql).bind(1, batch_id).bind(2, undone.sheet).run();
    };
    if (undone.kind == DecisionKind::score) return scoreAgain(batch_id);
    if (undone.kind == DecisionKind::qr) {
        run("UPDATE sheets SET by_hand = 0 WHERE batch_id = ?1 AND number = ?2");
        run(kForgetCode);
        run(kWaits);
        run(kForgetReading);
        return forgetSettled(batch_id, undone.sheet);
    }
    if (undone.kind == DecisionKind::discard) {
        run("UPDATE sheets SET by_hand = (SELECT count(*) FROM (SELECT 1 FROM decisions d WHERE "
            "d.batch_id = ?1 AND d.sheet = ?2 AND d.kind = 'qr' AND d.state IN ('applying', "
            "'applied') LIMIT 1) codes) WHERE batch_id = ?1 AND number = ?2");
        // A reading that rejected the sheet is made again.
        run("DELETE FROM readings WHERE batch_id = ?1 AND number = ?2 AND \"values\" = '[]'");
    }
    run(kSettleAgain);
    forgetSettled(batch_id, undone.sheet);
}

void DecisionWriter::noteReview(const std::string& batch_id, bool waits) {
    sql::Statement(database_,
                   "UPDATE batches SET reviewing_since = CASE WHEN ?2 = 1 THEN "
                   "coalesce(reviewing_since, ?3) END WHERE batch_id = ?1")
        .bind(1, batch_id)
        .bind(2, waits ? 1 : 0)
        .bind(3, utcText(wallMs()))
        .run();
}

std::optional<BatchState> DecisionWriter::end(const std::string& batch_id, BatchState state) {
    const auto run = [&](const char* sql) {
        sql::Statement(database_, sql).bind(1, batch_id).run();
    };
    std::optional<BatchState> before;
    {
        sql::Statement find(database_, "SELECT state FROM applies WHERE batch_id = ?1");
        if (find.bind(1, batch_id).step()) before = batchState(find.text(0));
    }
    const bool restored = before && state != BatchState::completed;
    if (restored) restore(batch_id);
    if (before && !restored)
        run("INSERT INTO artifacts SELECT * FROM held_artifacts WHERE batch_id = ?1 ON "
            "CONFLICT(batch_id, name) DO UPDATE SET size=excluded.size, sha256=excluded.sha256, "
            "created_at=excluded.created_at, epoch=excluded.epoch");
    if (before) run("DELETE FROM held_artifacts WHERE batch_id = ?1");
    run("UPDATE decisions SET state = 'applied' WHERE batch_id = ?1 AND state = 'applying'");
    run("DELETE FROM kept WHERE batch_id = ?1");
    run("DELETE FROM applies WHERE batch_id = ?1");
    return restored ? before : std::nullopt;
}

void DecisionWriter::restore(const std::string& batch_id) {
    const auto run = [&](const char* sql) {
        sql::Statement(database_, sql).bind(1, batch_id).run();
    };
    run("UPDATE sheets SET (state, attempt, reason, qr, grp, by_hand) = (SELECT k.state, "
        "k.attempt, k.reason, k.qr, k.grp, k.by_hand FROM kept k WHERE k.batch_id = "
        "sheets.batch_id AND k.number = sheets.number) WHERE batch_id = ?1 AND number IN (SELECT "
        "number FROM kept WHERE batch_id = ?1)");
    for (const char* table : {"readings", "settled", "rows"}) {
        run((std::string("DELETE FROM ") + table +
             " WHERE batch_id = ?1 AND number IN (SELECT number FROM kept WHERE batch_id = ?1)")
                .c_str());
    }
    run("INSERT INTO readings SELECT batch_id, number, \"values\", flags, confidence, evidence "
        "FROM kept WHERE batch_id = ?1 AND \"values\" IS NOT NULL");
    run("INSERT INTO settled SELECT batch_id, number, settled_values, settled_flags, "
        "settled_confidence, settled_evidence FROM kept WHERE batch_id = ?1 AND settled_values IS "
        "NOT NULL");
    run("INSERT INTO rows SELECT batch_id, number, row, row_execution FROM kept WHERE batch_id = "
        "?1 AND row IS NOT NULL");
    // What the decisions of the apply had undone counts again.
    run("UPDATE decisions SET undone_by = 0, state = CASE WHEN execution = (SELECT execution FROM "
        "batches WHERE batch_id = ?1) THEN 'applying' ELSE 'applied' END WHERE batch_id = ?1 AND "
        "execution > 0 AND undone_by IN (SELECT decision_id FROM decisions WHERE batch_id = ?1 AND "
        "state = 'applying')");
    run("UPDATE decisions SET state = 'pending', execution = 0 WHERE batch_id = ?1 AND state = "
        "'applying'");
    // As it was, but the error says why the apply failed.
    run("UPDATE batches SET (outcome, columns) = (SELECT a.outcome, coalesce(a.columns, "
        "batches.columns) FROM applies a WHERE a.batch_id = ?1) WHERE batch_id = ?1");
    std::vector<int> changed;
    sql::Statement kept(database_, "SELECT number FROM kept WHERE batch_id = ?1");
    kept.bind(1, batch_id);
    while (kept.step()) changed.push_back(static_cast<int>(kept.integer(0)));
    countSheets(batch_id, changed);
}

// The counts and doubts of the batch after these sheets have changed.
void DecisionWriter::countSheets(const std::string& batch_id, const std::vector<int>& changed) {
    DoubtRows doubts(database_);
    DoubtCounts counts;  // counted below
    StoredSheets stored(database_);
    for (std::span<const int> left(changed); !left.empty();) {
        const auto part = left.first(std::min(left.size(), StoredSheets::kMost));
        stored.read(batch_id, part);
        for (const int number : part) {
            const StoredSheet* sheet = stored.find(number);
            if (sheet == nullptr) continue;
            std::set<Flag> now = sheet->doubtsOfReading();
            const auto row = rowOf(database_, batch_id, number);
            if (row && sheet->isRead()) now.merge(DoubtRows::inRow(*row));
            doubts.storeAll(batch_id, number, sheet->doubts, now, counts);
        }
        left = left.subspan(part.size());
    }
    DoubtRows::dropOfUnreadSheets(database_, batch_id);
    sql::Statement(database_,
                   "UPDATE batches SET sheets_read = (SELECT count(*) FROM sheets WHERE "
                   "batch_id = ?1 AND state = 'read'), sheets_quarantined = (SELECT count(*) "
                   "FROM sheets WHERE batch_id = ?1 AND state = 'quarantined'), "
                   "sheets_discarded = (SELECT count(*) FROM sheets WHERE batch_id = ?1 AND "
                   "state = 'discarded') WHERE batch_id = ?1")
        .bind(1, batch_id)
        .run();
}

}  // namespace sheafline
