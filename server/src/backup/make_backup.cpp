#include <algorithm>
#include <map>
#include <sqlite3.h>
#include <unistd.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/sqlite/database.h>
#include <sheafline/sqlite/sqlite_error.h>
#include <sheafline/sqlite/statement.h>
#include <sheafline/sqlite/transaction.h>

#include "backup/backup.h"
#include "backup/backup_manifest.h"
#include "backup/data_copy.h"
#include "backup/staged_folder.h"
#include "base/clocks.h"
#include "base/data_folder.h"
#include "base/file_digest.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr int kMostPasses = 50;
constexpr const char* kHistoryFile = "history.db";

// The folder would be copied into itself.
void requireOutside(const fs::path& data_folder, const fs::path& target) {
    const fs::path data = fs::weakly_canonical(data_folder);
    const fs::path place = fs::weakly_canonical(target);
    if (std::mismatch(data.begin(), data.end(), place.begin(), place.end()).first == data.end()) {
        throw ConfigError(target.string() + " is inside the data folder " + data.string() +
                          "; name a folder outside it, best on another disk");
    }
}

// Copies the pages that the read transaction of `source` sees.
void copySnapshot(sqlite::Database& source, const fs::path& target) {
    sqlite::Database copy(target);
    sqlite3_backup* job = sqlite3_backup_init(copy.handle(), "main", source.handle(), "main");
    if (job == nullptr) copy.fail(sqlite3_errcode(copy.handle()));
    const int stepped = sqlite3_backup_step(job, -1);
    const int finished = sqlite3_backup_finish(job);
    if (stepped != SQLITE_DONE) copy.fail(stepped);
    if (finished != SQLITE_OK) copy.fail(finished);
    copy.execute("PRAGMA journal_mode = DELETE");  // one file, without a log beside it
}

// Copies all files, and begins a read transaction of `history` at the same moment.
void copyFiles(DataCopy& copy, sqlite::Database& history) {
    sqlite::Database writer(history.file());
    for (int i = 0; i < kMostPasses; ++i) {
        copy.pass();
        faultPoint("backup.freeze");
        // While it is open, no process commits to the history: what the files hold now is what
        // batches could resume from if they were killed here. It takes milliseconds.
        const sqlite::Transaction nobody_commits(writer);
        if (!copy.freeze()) continue;
        history.execute("BEGIN");
        history.integerOf("SELECT count(*) FROM sqlite_master");
        return;
    }
    throw Error(ErrorClass::transient, "BACKUP_BUSY",
                "the files of the data folder change faster than they can be copied; make the "
                "backup again when fewer batches run");
}

// Files that the history names, and that are missing or have other bytes.
std::vector<std::string> compare(sqlite::Database& history, const std::vector<BackupFile>& files) {
    std::map<std::string_view, const BackupFile*> by_path;
    for (const BackupFile& file : files) by_path.emplace(file.path, &file);
    std::vector<std::string> warnings;
    sqlite::Statement artifacts(
        history,
        "SELECT batch_id, artifacts.name, sha256 FROM artifacts JOIN batches "
        "USING(batch_id) WHERE state = 'completed' ORDER BY 1, 2");
    while (artifacts.step()) {
        const std::string path = "batches/" + artifacts.text(0) + "/artifacts/" + artifacts.text(1);
        const auto found = by_path.find(path);
        if (found == by_path.end())
            warnings.push_back(path + " is missing in the data folder");
        else if (found->second->sha256 != artifacts.text(2))
            warnings.push_back(path + " was changed after its batch wrote it");
    }
    return warnings;
}

void publish(StagedFolder& staged, const BackupManifest& manifest) {
    DurableFile file(staged.path() / kManifestFile);
    file.write(toJson(manifest));
    file.publish();
    faultPoint("backup.manifest");
    staged.publish();
}

}  // namespace

BackupReport makeBackup(const fs::path& data_folder, const fs::path& target,
                        const std::string& program) {
    if (!DataFolder(data_folder).history().url.empty()) {
        throw Error(ErrorClass::permanent, "HISTORY_IN_DATABASE",
                    "the history of " + fs::absolute(data_folder).string() +
                        " is in PostgreSQL; stop the servers, back up the database with pg_dump, "
                        "and copy the data folder and the store");
    }
    if (!fs::exists(data_folder / kHistoryFile)) {
        throw Error(ErrorClass::permanent, "NO_HISTORY",
                    "there is no history in " + fs::absolute(data_folder).string() +
                        "; name the folder with --data-dir");
    }
    requireOutside(data_folder, target);
    StagedFolder staged(target);
    const fs::path data = staged.path() / kBackupData;
    createFolders(data);
    DataCopy copy(data_folder, data);
    sqlite::Database history(data_folder / kHistoryFile, {.mode = sqlite::OpenMode::read_only});
    copyFiles(copy, history);
    copy.finish();
    copySnapshot(history, data / kHistoryFile);
    syncFile(data / kHistoryFile);

    BackupManifest manifest{.program = program,
                            .made = utcText(wallMs()),
                            .from = fs::absolute(data_folder).lexically_normal().string(),
                            .files = copy.files()};
    manifest.files.push_back({.path = kHistoryFile,
                              .size = fs::file_size(data / kHistoryFile),
                              .sha256 = sha256OfFile(data / kHistoryFile)});
    BackupReport report{
        .files = manifest.files.size(),
        .batches = static_cast<std::size_t>(history.integerOf("SELECT count(*) FROM batches")),
        .warnings = compare(history, manifest.files)};
    for (const BackupFile& file : manifest.files) report.bytes += file.size;
    publish(staged, manifest);
    return report;
}

}  // namespace sheafline
