#include "history/stores/copy_history.h"

#include <array>
#include <sstream>
#include <string>
#include <vector>

#include <sheafline/error.h>

#include "base/sql/statement.h"
#include "base/sql/transaction.h"
#include "history/history_schema.h"

namespace sheafline {

namespace {

// The columns with their kinds: t a text, i an integer, r a number with a fraction.
struct Table {
    const char* name = nullptr;
    const char* columns = nullptr;
    const char* order = "1, 2";
};

constexpr std::array kTables{
    Table{
        "batches",
        "t:batch_id t:pipeline t:pipeline_file t:pipeline_text t:params t:user t:state i:execution "
        "t:owner t:created_at i:created_ms i:created_boot_ms t:boot_id t:finished_at i:seq "
        "i:elapsed_seconds i:overall_tenths i:sheets_total i:sheets_read i:sheets_quarantined "
        "i:sheets_discarded i:sheets_frozen t:columns t:outcome t:error_code t:error_message "
        "t:error_stage i:sheets_doubtful i:answers_doubtful t:reviewing_since i:entries_total "
        "i:entries_ignored t:name t:file_name t:labels",
        "rowid"},
    Table{"events", "i:event_id t:batch_id i:seq i:execution t:json", "event_id"},
    Table{"stage_runs",
          "t:batch_id i:execution i:position t:stage_id t:stage t:plugin t:plugin_version r:weight "
          "i:in_finally t:state i:attempt i:crashes t:fingerprint t:checkpoint t:boot_id "
          "t:started_at i:started_ms t:finished_at r:elapsed_seconds r:done r:total "
          "i:failed_before i:failed t:error i:changes_only i:active_ms i:active_since_ms"},
    Table{"sheets",
          "t:batch_id i:number t:file i:page t:path t:state i:attempt t:reason t:qr t:grp "
          "i:by_hand"},
    Table{"readings", "t:batch_id i:number t:values t:flags r:confidence t:evidence"},
    Table{"rows", "t:batch_id i:number t:row i:execution"},
    Table{"skipped", "t:batch_id t:file t:reason", "rowid"},
    Table{"artifacts", "t:batch_id t:name i:size t:sha256 t:created_at i:epoch"},
    Table{"held_artifacts", "t:batch_id t:name i:size t:sha256 t:created_at i:epoch"},
    Table{"removed", "t:batch_id", "1"},
    Table{"sinks", "t:name i:cursor"},
    Table{"doubts", "t:batch_id i:number t:field t:flag r:confidence"},
    Table{"decisions",
          "t:batch_id i:decision_id i:sheet t:field t:kind t:value i:undoes t:before t:before_flag "
          "t:user t:decided_at t:reason t:request t:state i:execution i:undone_by"},
    Table{"settled", "t:batch_id i:number t:values t:flags r:confidence t:evidence"},
    Table{"applies", "t:batch_id t:state t:outcome t:columns"},
    Table{"kept",
          "t:batch_id i:number t:state i:attempt t:reason t:qr t:grp i:by_hand t:values t:flags "
          "r:confidence t:evidence t:settled_values t:settled_flags r:settled_confidence "
          "t:settled_evidence t:row i:row_execution"},
    Table{"shares", "t:batch_id t:user t:shared_by t:shared_at"}};

void copyValue(const sql::Statement& row, int column, char kind, sql::Statement& insert) {
    const int parameter = column + 1;
    if (row.isNull(column))
        insert.bind(parameter, std::nullopt);
    else if (kind == 'i')
        insert.bind(parameter, row.integer(column));
    else if (kind == 'r')
        insert.bind(parameter, row.real(column));
    else
        insert.bind(parameter, row.text(column));
}

std::int64_t copyTable(const Table& table, sql::Database& from, sql::Database& to) {
    std::string kinds;
    std::string names;
    std::string parameters;
    std::istringstream columns(table.columns);
    for (std::string column; columns >> column;) {
        kinds += column[0];
        names += (names.empty() ? "\"" : ", \"") + column.substr(2) + '"';
        parameters += (parameters.empty() ? "?" : ", ?") + std::to_string(kinds.size());
    }
    const std::string name = table.name;
    sql::Statement rows(from, "SELECT " + names + " FROM " + name + " ORDER BY " + table.order);
    sql::Statement insert(to, "INSERT INTO " + name + "(" + names + ") VALUES(" + parameters + ")");
    std::int64_t copied = 0;
    for (; rows.step(); ++copied) {
        for (std::size_t i = 0; i < kinds.size(); ++i)
            copyValue(rows, static_cast<int>(i), kinds[i], insert);
        insert.run();
    }
    const std::int64_t stored = sql::integerOf(to, "SELECT count(*) FROM " + name);
    if (stored != copied) {
        throw Error(ErrorClass::permanent, "DATABASE",
                    "the table " + name + " has " + std::to_string(stored) + " of " +
                        std::to_string(copied) + " rows after the copy; nothing was kept");
    }
    return copied;
}

void requireEmpty(sql::Database& to) {
    std::string there;
    sql::Statement list(to,
                        "SELECT batch_id FROM batches UNION SELECT batch_id FROM removed "
                        "ORDER BY 1 LIMIT 10");
    while (list.step()) there += (there.empty() ? "" : ", ") + list.text(0);
    if (there.empty()) return;
    throw Error(ErrorClass::permanent, "HISTORY_NOT_EMPTY",
                "the history (" + to.place() + ") has batches already: " + there +
                    "; name an empty database; if an earlier copy into it was interrupted at its "
                    "end, remove the schema sheafline there and copy again");
}

}  // namespace

CopiedHistory copyHistory(sql::Database& from, sql::Database& to) {
    if (from.version() < kHistoryVersion) {
        throw Error(ErrorClass::permanent, "DATA_FOLDER",
                    "the history in " + from.place() +
                        " is of an older version; start `sheafline serve` with it once, which "
                        "migrates it");
    }
    requireEmpty(to);
    sql::Transaction transaction(to);
    CopiedHistory copied;
    for (const Table& table : kTables) {
        const std::int64_t rows = copyTable(table, from, to);
        if (std::string_view(table.name) == "batches") copied.batches = rows;
        if (std::string_view(table.name) == "events") copied.events = rows;
    }
    sql::Statement last(from, from.dialect().last_event_id);
    if (const auto take = to.dialect().take_event_ids; last.step() && !take.empty())
        sql::Statement(to, take).bind(1, last.integer(0)).run();
    transaction.commit();
    return copied;
}

}  // namespace sheafline
