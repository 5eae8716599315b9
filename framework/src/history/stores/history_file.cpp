#include "history/stores/history_file.h"

#include <array>
#include <string>

#include <sheafline/error.h>
#include <sheafline/sqlite/database.h>

#include "base/sql/sqlite_store.h"
#include "history/history_schema.h"

namespace sheafline {

namespace {

const std::filesystem::path& existing(const std::filesystem::path& file) {
    std::error_code error;
    const bool exists = std::filesystem::exists(file, error);
    if (error) throwSystemError(error.value(), "cannot open " + file.filename().string());
    if (!exists) {
        throw Error(ErrorClass::permanent, "NO_HISTORY",
                    "there is no history in " + file.parent_path().string() +
                        "; name the folder with --data-dir");
    }
    return file;
}

struct AddedColumn {
    int version;  // of the history that has it first
    const char* name;
};

constexpr std::array kAddedColumns{AddedColumn{3, "sheets_doubtful"},
                                   AddedColumn{3, "answers_doubtful"},
                                   AddedColumn{5, "entries_total"},
                                   AddedColumn{5, "entries_ignored"},
                                   AddedColumn{6, "name"},
                                   AddedColumn{6, "file_name"},
                                   AddedColumn{6, "labels"}};

// Makes a history of an earlier version readable: it has the tables and columns of this version,
// and columns that its batches lack are unknown.
void showAsNewest(sqlite::Database& database, std::int64_t version) {
    std::string columns;
    for (const AddedColumn& column : kAddedColumns)
        if (column.version > version) columns += std::string(", NULL AS ") + column.name;
    database.execute("CREATE TEMP VIEW batches AS SELECT *, rowid AS rowid" + columns +
                     " FROM main.batches");
    database.execute(
        "CREATE TEMP VIEW stage_runs AS SELECT *, NULL AS active_ms" +
        std::string(version < kFirstHistoryWithDecisions ? ", 0 AS changes_only" : "") +
        " FROM main.stage_runs");
    if (version < kFirstHistoryWithEpochs)
        database.execute(
            "CREATE TEMP VIEW artifacts AS SELECT *, 0 AS epoch FROM main.artifacts;"
            "CREATE TEMP TABLE held_artifacts(batch_id, name, size, sha256, created_at, epoch)");
    if (version < kFirstHistoryWithShares)
        database.execute(
            "CREATE TEMP TABLE shares(batch_id, user, shared_by, shared_at);"
            "CREATE TEMP TABLE share_revision(number); INSERT INTO share_revision VALUES(0)");
    if (version < kFirstHistoryWithDecisions)
        database.execute(
            "CREATE TEMP TABLE settled(batch_id, number, \"values\", flags, confidence, evidence);"
            "CREATE TEMP TABLE decisions(batch_id, decision_id, sheet, field, kind, value, undoes, "
            "before, before_flag, user, decided_at, reason, request, state, execution, undone_by)");
}

}  // namespace

std::unique_ptr<sql::Database> openHistoryFile(const std::filesystem::path& file) {
    auto store = sql::openStore(file, historyFormat());
    store->execute("PRAGMA wal_autocheckpoint = 4000");
    return store;
}

std::unique_ptr<sql::Database> openHistoryFileToRead(const std::filesystem::path& file) {
    auto database = std::make_unique<sqlite::Database>(
        existing(file), sqlite::OpenOptions{.mode = sqlite::OpenMode::read_only});
    const std::int64_t version = database->integerOf("PRAGMA user_version");
    const std::string place = "the history in " + file.parent_path().string();
    if (version > kHistoryVersion) {
        throw Error(ErrorClass::permanent, "HISTORY_TOO_NEW",
                    place + " has version " + std::to_string(version) +
                        "; run the newer program that made it, or name another --data-dir");
    }
    if (version < kOldestReadableHistory) {
        throw Error(
            ErrorClass::permanent, "DATA_FOLDER",
            place + " is of an older version; `sheafline serve`, `run` or `resume` migrates it");
    }
    if (version < kHistoryVersion) showAsNewest(*database, version);
    return std::make_unique<sql::SqliteStore>(std::move(database));
}

}  // namespace sheafline
