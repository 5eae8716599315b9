#include "replay/replay_folder.h"

#include <filesystem>

#include <sheafline/error.h>
#include <sheafline/sqlite/database.h>

#include "accounts/account_schema.h"
#include "accounts/account_store.h"
#include "accounts/secret_key.h"
#include "command_parts/existing_batch.h"
#include "commands/history/copied_accounts.h"
#include "history/history_schema.h"
#include "history/stores/copy_history.h"
#include "history/stores/open_history.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

BatchRow endedBatch(HistoryReader& history, const std::string& batch_id) {
    BatchRow batch = existingBatch(history, batch_id);
    if (!isFinal(batch.state))
        throw ConfigError("--replay: the batch '" + batch_id + "' is " +
                          std::string(toString(batch.state)) +
                          "; only a batch that has ended can be replayed");
    return batch;
}

}  // namespace

ReplayFolder::ReplayFolder(const Settings& settings, const std::string& batch_id)
    : given_(settings), scratch_("sheafline-replay-") {
    const DataFolder from(settings.data_folder);
    HistoryReader history(from.history());
    copyHistory(history, batch_id);
    copyAccounts(from);
    const DataFolder to(scratch_.path());
    fs::create_directories(to.batch(batch_id).parent_path());
    fs::create_directory_symlink(fs::absolute(from.batch(batch_id)), to.batch(batch_id));
}

void ReplayFolder::copyHistory(HistoryReader& from, const std::string& batch_id) const {
    const BatchRow batch = endedBatch(from, batch_id);
    if (from.database().version() != kHistoryVersion)
        throw ConfigError(
            "--replay: the history is of an older version; start `sheafline serve` once without "
            "--replay, which migrates it");
    const auto to = openHistory(DataFolder(scratch_.path()).history());
    copyBatch(from.database(), *to, batch_id);
    if (endedBatch(from, batch_id).seq != batch.seq)
        throw ConfigError("--replay: the batch '" + batch_id +
                          "' was continued and has ended again meanwhile; start the replay again");
    to->execute("CREATE TABLE replay_batches AS SELECT * FROM batches");
    to->execute("CREATE TABLE replay_stage_runs AS SELECT * FROM stage_runs");
    to->execute("CREATE TABLE replay_events AS SELECT * FROM events");
}

void ReplayFolder::copyAccounts(const DataFolder& from) const {
    const sql::Place place = from.history();
    const fs::path accounts = given_.data_folder / kAccountsFile;
    if (!place.url.empty())
        copyUsers(*openHistoryToRead(place), *openAccounts(scratch_.path() / kAccountsFile));
    else if (fs::exists(accounts))
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
