#include "replay/replay_folder.h"

#include <filesystem>
#include <sqlite3.h>
#include <vector>

#include <sheafline/error.h>
#include <sheafline/sqlite/database.h>
#include <sheafline/sqlite/statement.h>

#include "accounts/account_store.h"
#include "accounts/secret_key.h"
#include "base/data_folder.h"
#include "command_parts/existing_batch.h"
#include "history/history.h"
#include "history/history_schema.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

void requireEnded(const sql::Place& place, const std::string& batch_id) {
    if (!place.url.empty())
        throw ConfigError(
            "--replay: the history of this data folder is in PostgreSQL; only a batch in a "
            "history.db can be replayed");
    HistoryReader history(place);
    const BatchRow batch = existingBatch(history, batch_id);
    if (!isFinal(batch.state))
        throw ConfigError("--replay: the batch '" + batch_id + "' is " +
                          std::string(toString(batch.state)) +
                          "; only a batch that has ended can be replayed");
    if (history.database().version() != kHistoryVersion)
        throw ConfigError(
            "--replay: the history is of an older version; start `sheafline serve` once without "
            "--replay, which migrates it");
}

// The tables that have rows of batches.
std::vector<std::string> tablesOfBatches(sqlite::Database& database) {
    sqlite::Statement rows(database,
                           "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
                           "WHERE m.type = 'table' AND c.name = 'batch_id' ORDER BY m.name");
    std::vector<std::string> names;
    while (rows.step()) names.push_back(rows.text(0));
    return names;
}

}  // namespace

ReplayFolder::ReplayFolder(const Settings& settings, const std::string& batch_id)
    : given_(settings), scratch_("sheafline-replay-") {
    const DataFolder from(settings.data_folder);
    requireEnded(from.history(), batch_id);
    copyHistory(batch_id);
    copyAccounts();
    const DataFolder to(scratch_.path());
    fs::create_directories(to.batch(batch_id).parent_path());
    fs::create_directory_symlink(fs::absolute(from.batch(batch_id)), to.batch(batch_id));
}

void ReplayFolder::copyHistory(const std::string& batch_id) const {
    const fs::path file = DataFolder(scratch_.path()).history().file;
    { const History made(file, "replay"); }  // makes the tables
    sqlite::Database database(file);
    // Otherwise the end of this connection would write the log of the original into its file.
    ::sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite::Statement(database, "ATTACH ?1 AS original")
        .bind(1, DataFolder(given_.data_folder).history().file.string())
        .run();
    database.execute("BEGIN");
    for (const std::string& table : tablesOfBatches(database))
        sqlite::Statement(database, "INSERT INTO main." + table + " SELECT * FROM original." +
                                        table + " WHERE batch_id = ?1")
            .bind(1, batch_id)
            .run();
    database.execute(
        "CREATE TABLE replay_batches AS SELECT * FROM batches;"
        "CREATE TABLE replay_stage_runs AS SELECT * FROM stage_runs;"
        "CREATE TABLE replay_events AS SELECT * FROM events;"
        "COMMIT; DETACH original");
}

void ReplayFolder::copyAccounts() const {
    const fs::path accounts = given_.data_folder / kAccountsFile;
    if (fs::exists(accounts))
        sqlite::Database(accounts, {.mode = sqlite::OpenMode::read_only})
            .copyTo(scratch_.path() / kAccountsFile);
    for (const std::string& name :
         {std::string(kSecretKeyFile), kSecretKeyFile + std::string(".old")})
        if (fs::exists(given_.data_folder / name))
            fs::copy_file(given_.data_folder / name, scratch_.path() / name);
}

Settings ReplayFolder::settings() const {
    Settings settings = given_;
    settings.data_folder = scratch_.path();
    settings.work_folder.clear();
    settings.redis.clear();
    settings.set_aside_history = false;
    settings.serve.max_running = 1;
    settings.serve.keep_days = 0;
    return settings;
}

}  // namespace sheafline
