#include "history/stores/copy_history.h"

#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <sheafline/error.h>

#include "base/sql/statement.h"
#include "base/sql/transaction.h"
#include "history/history_schema.h"
#include "history/stores/copied_table.h"

namespace sheafline {

namespace {

constexpr const char* kLastEvent = "SELECT coalesce(max(event_id), 0) FROM events";

constexpr std::array kTables{
    CopiedTable{
        "batches",
        "t:batch_id t:pipeline t:pipeline_file t:pipeline_text p:params t:user t:state i:execution "
        "t:owner t:created_at i:created_ms i:created_boot_ms t:boot_id t:finished_at i:seq "
        "i:elapsed_seconds i:overall_tenths i:sheets_total i:sheets_read i:sheets_quarantined "
        "i:sheets_discarded i:sheets_frozen t:columns t:outcome t:error_code t:error_message "
        "t:error_stage i:sheets_doubtful i:answers_doubtful t:reviewing_since i:entries_total "
        "i:entries_ignored t:name t:file_name t:labels",
        "rowid"},
    CopiedTable{"events", "e:event_id t:batch_id i:seq i:execution t:json", "event_id"},
    CopiedTable{
        "stage_runs",
        "t:batch_id i:execution i:position t:stage_id t:stage t:plugin t:plugin_version r:weight "
        "i:in_finally t:state i:attempt i:crashes t:fingerprint t:checkpoint t:boot_id "
        "t:started_at i:started_ms t:finished_at r:elapsed_seconds r:done r:total "
        "i:failed_before i:failed t:error i:changes_only i:active_ms i:active_since_ms"},
    CopiedTable{"sheets",
                "t:batch_id i:number t:file i:page t:path t:state i:attempt t:reason t:qr t:grp "
                "i:by_hand"},
    CopiedTable{"readings", "t:batch_id i:number t:values t:flags r:confidence t:evidence"},
    CopiedTable{"rows", "t:batch_id i:number t:row i:execution"},
    CopiedTable{"skipped", "t:batch_id t:file t:reason", "rowid"},
    CopiedTable{"artifacts", "t:batch_id t:name i:size t:sha256 t:created_at i:epoch"},
    CopiedTable{"held_artifacts", "t:batch_id t:name i:size t:sha256 t:created_at i:epoch"},
    CopiedTable{"removed", "t:batch_id", "1"},
    CopiedTable{"doubts", "t:batch_id i:number t:field t:flag r:confidence"},
    CopiedTable{
        "decisions",
        "t:batch_id i:decision_id i:sheet t:field t:kind t:value i:undoes t:before t:before_flag "
        "t:user t:decided_at t:reason t:request t:state i:execution i:undone_by"},
    CopiedTable{"settled", "t:batch_id i:number t:values t:flags r:confidence t:evidence"},
    CopiedTable{"applies", "t:batch_id t:state t:outcome t:columns"},
    CopiedTable{
        "kept",
        "t:batch_id i:number t:state i:attempt t:reason t:qr t:grp i:by_hand t:values t:flags "
        "r:confidence t:evidence t:settled_values t:settled_flags r:settled_confidence "
        "t:settled_evidence t:row i:row_execution"},
    CopiedTable{"shares", "t:batch_id t:user t:shared_by t:shared_at"}};

}  // namespace

void requireNoBatches(sql::Database& to) {
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

namespace {

// The cursor of a sink in the merged order: all events up to it were delivered. It ends in the
// first folder in which events are left, so that nothing is lost; what the sink has from later
// folders is delivered again.
std::map<std::string, std::int64_t> mergedCursors(const std::vector<HistorySource>& from,
                                                  const std::vector<std::int64_t>& first) {
    std::map<std::string, std::int64_t> cursors;
    std::set<std::string> waiting;
    for (std::size_t i = 0; i < from.size(); ++i) {
        const std::int64_t last = sql::integerOf(*from[i].database, kLastEvent);
        std::map<std::string, std::int64_t> here;
        sql::Statement rows(*from[i].database, "SELECT name, cursor FROM sinks");
        while (rows.step()) here[rows.text(0)] = rows.integer(1);
        for (const auto& [name, cursor] : cursors)
            if (last > 0 && !here.contains(name)) waiting.insert(name);
        for (const auto& [name, cursor] : here) {
            if (waiting.contains(name)) continue;
            cursors[name] = first[i] + cursor;
            if (cursor < last) waiting.insert(name);
        }
    }
    return cursors;
}

std::int64_t lastIdOf(sql::Database& database) {
    sql::Statement last(database, database.dialect().last_event_id);
    return last.step() ? last.integer(0) : 0;
}

void copyCursors(const std::vector<HistorySource>& from, const std::vector<std::int64_t>& first,
                 sql::Database& to) {
    sql::Statement insert(to, "INSERT INTO sinks(name, cursor) VALUES(?1, ?2)");
    for (const auto& [name, cursor] : mergedCursors(from, first))
        insert.bind(1, name).bind(2, cursor).run();
}

void requireNewest(const std::vector<HistorySource>& from) {
    for (const HistorySource& source : from) {
        if (source.database->version() == kHistoryVersion) continue;
        throw Error(ErrorClass::permanent, "DATA_FOLDER",
                    "the history in " + source.database->place() +
                        " is of an older version; start `sheafline serve` with it once, which "
                        "migrates it");
    }
}

}  // namespace

std::vector<std::string> sharedBatches(const std::vector<HistorySource>& from) {
    std::map<std::string, int> seen;
    for (const HistorySource& source : from) {
        sql::Statement list(*source.database,
                            "SELECT batch_id FROM batches UNION SELECT batch_id FROM removed");
        while (list.step()) ++seen[list.text(0)];
    }
    std::vector<std::string> shared;
    for (const auto& [id, folders] : seen)
        if (folders > 1) shared.push_back(id);
    return shared;
}

CopiedHistory copyHistory(const std::vector<HistorySource>& from, sql::Database& to,
                          const std::function<void()>& also) {
    requireNewest(from);
    requireNoBatches(to);
    sql::Transaction transaction(to);
    std::map<std::string_view, std::int64_t> rows;
    std::vector<std::int64_t> first;
    std::int64_t last = 0;
    for (const HistorySource& source : from) {
        first.push_back(last);
        const RowCopy copy{*source.database, to, last, source.old_files, source.new_files};
        for (const CopiedTable& table : kTables) rows[table.name] += copy.run(table);
        last += lastIdOf(*source.database);
    }
    for (const auto& [name, count] : rows) requireRows(to, name, count);
    copyCursors(from, first, to);
    if (const auto take = to.dialect().take_event_ids; !take.empty())
        sql::Statement(to, take).bind(1, last).run();
    also();
    transaction.commit();
    return {.batches = rows["batches"], .events = rows["events"]};
}

// Ids of batches have no quotation marks.
void copyBatch(sql::Database& from, sql::Database& to, const std::string& batch_id) {
    sql::Transaction transaction(to);
    for (const CopiedTable& table : kTables)
        RowCopy{from, to}.run(table, "batch_id = '" + batch_id + "'");
    transaction.commit();
}

}  // namespace sheafline
