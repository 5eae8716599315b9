#include "base/database_file.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/sqlite/sqlite_error.h>
#include <sheafline/sqlite/statement.h>
#include <sheafline/sqlite/transaction.h>

#include "base/clocks.h"
#include "base/file_digest.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

std::string nameOf(const fs::path& file) { return file.filename().string(); }

[[noreturn]] void reject(const std::string& text) {
    throw Error(ErrorClass::permanent, "DATA_FOLDER", text);
}

int versionOf(sqlite::Database& database) {
    return static_cast<int>(database.integerOf("PRAGMA user_version"));
}

void setVersion(sqlite::Database& database, int version) {
    database.execute("PRAGMA user_version = " + std::to_string(version));
}

// All tables, indexes and triggers as their SQL: two files of one version give the same text.
std::string schemaOf(sqlite::Database& database) {
    sqlite::Statement list(database,
                           "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM "
                           "sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1");
    std::string schema;
    while (list.step()) schema += list.text(0) + '\n';
    return schema;
}

// The version of a file without a number: the one whose tables it has. Early files of
// idempotency.db have no number.
std::optional<int> versionByTables(sqlite::Database& database, const DatabaseFormat& format) {
    const std::string schema = schemaOf(database);
    sqlite::Database model(":memory:");
    for (int version = 1; version <= format.version(); ++version) {
        model.execute(format.migrations[static_cast<std::size_t>(version) - 1]);
        if (schemaOf(model) == schema) return version;
    }
    return std::nullopt;
}

void migrateFrom(sqlite::Database& database, const DatabaseFormat& format, int version) {
    for (; version < format.version(); ++version)
        database.execute(format.migrations[static_cast<std::size_t>(version)]);
    setVersion(database, format.version());
}

// Creates the empty file `file` with this mode, so that SQLite does not choose one.
void createEmpty(const fs::path& file, unsigned mode) {
    std::error_code ignored;
    fs::remove(file, ignored);
    openFile(file, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, mode);
}

// Of processes that were killed while they created the same file.
void sweepNewFiles(const fs::path& file) {
    std::error_code ignored;
    const std::string begin = nameOf(file) + ".new-";
    std::vector<fs::path> dead;
    for (const auto& item : fs::directory_iterator(file.parent_path(), ignored)) {
        const std::string name = nameOf(item.path());
        if (!name.starts_with(begin)) continue;
        int pid = 0;
        std::from_chars(name.data() + begin.size(), name.data() + name.size(), pid);
        if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) dead.push_back(item.path());
    }
    for (const fs::path& left : dead) fs::remove(left, ignored);
}

// Under another name first: a file that exists is whole, so an empty one is a damaged one.
void create(const fs::path& file, const DatabaseFormat& format) {
    sweepNewFiles(file);
    const fs::path fresh = file.string() + ".new-" + std::to_string(::getpid());
    std::error_code ignored;
    try {
        createEmpty(fresh, format.mode);
        sqlite::Database database(fresh);
        database.execute("PRAGMA page_size = " + std::to_string(format.page_size_bytes));
        sqlite::Transaction transaction(database);
        migrateFrom(database, format, 0);
        transaction.commit();
    } catch (...) {
        fs::remove(fresh, ignored);
        fs::remove(fresh.string() + "-journal", ignored);
        throw;
    }
    // link() keeps the file of another process that was faster; rename() would replace it.
    const bool linked = ::link(fresh.c_str(), file.c_str()) == 0;
    if (!linked && errno != EEXIST && ::rename(fresh.c_str(), file.c_str()) != 0)
        throwSystemError(errno, "cannot create " + nameOf(file));
    fs::remove(fresh, ignored);
    syncFolder(file.parent_path());
}

// Called while `database` holds the write lock, so the copy is the state before the migration.
void keepCopy(const fs::path& file, const DatabaseFormat& format, int version) {
    const fs::path copy = file.string() + ".version-" + std::to_string(version);
    const fs::path fresh = copy.string() + ".new";
    createEmpty(fresh, format.mode);
    sqlite::Database(file, {.mode = sqlite::OpenMode::read_only}).copyTo(fresh);
    syncFile(fresh);
    fs::rename(fresh, copy);
    syncFolder(file.parent_path());
}

void bringToNewest(sqlite::Database& database, const DatabaseFormat& format) {
    const fs::path& file = database.file();
    if (versionOf(database) == format.version()) return;
    sqlite::Transaction transaction(database);
    int version = versionOf(database);  // again: another process may have migrated meanwhile
    if (version > format.version()) {
        reject(nameOf(file) + " has version " + std::to_string(version) +
               ", but this program knows version " + std::to_string(format.version()) +
               " at most; run the newer program, or name another folder with --data-dir");
    }
    if (version == 0) {
        const auto known = versionByTables(database, format);
        if (!known) {
            reject(nameOf(file) + " has tables that no version of sheafline makes for " +
                   std::string(format.what) +
                   "; restore a copy of the file, or name another folder with --data-dir");
        }
        version = *known;
    }
    if (version < format.version()) keepCopy(file, format, version);
    migrateFrom(database, format, version);
    transaction.commit();
}

std::optional<std::string> reportedDamage(const fs::path& file) {
    if (fs::file_size(file) == 0) return "the file is empty";
    try {
        sqlite::Database database(file);
        const std::string report = database.textOf("PRAGMA quick_check(1)");
        return report == "ok" ? std::nullopt : std::optional(report);
    } catch (const sqlite::SqliteError& error) {
        if (error.code() != "DATABASE_CORRUPT") throw;
        return error.reason();
    }
}

}  // namespace

std::optional<std::string> damageOf(const fs::path& file) {
    if (!fs::exists(file)) return std::nullopt;
    if (!fs::is_regular_file(file)) return "it is not a regular file";
    if (!reportedDamage(file)) return std::nullopt;
    // SQLite reports a disk that cannot be read as a malformed database. Read through SQLite: a raw
    // descriptor would drop the locks of this process.
    sqlite::Database(file, {.mode = sqlite::OpenMode::read_only}).readAll([](std::string_view) {});
    // It can be read now. If a single read had failed before, the second check finds no damage.
    return reportedDamage(file);
}

std::unique_ptr<sqlite::Database> openDatabase(const fs::path& file, const DatabaseFormat& format) {
    if (!fs::exists(file)) create(file, format);
    if (const auto damage = damageOf(file)) {
        throw Error(ErrorClass::permanent, "DATABASE_CORRUPT",
                    nameOf(file) + " is damaged (" + *damage + "); " + std::string(format.remedy));
    }
    auto database = std::make_unique<sqlite::Database>(file);
    database->useWriteAheadLog();
    database->execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    bringToNewest(*database, format);
    return database;
}

fs::path setDamagedFileAside(const fs::path& file) {
    const std::string aside = file.string() + ".corrupt-" + utcText(wallMs());
    for (const char* part : {"-wal", "-shm", ""}) {  // the file itself last: until then it is found
        if (fs::exists(file.string() + part)) fs::rename(file.string() + part, aside + part);
    }
    syncFolder(file.parent_path());
    return aside;
}

}  // namespace sheafline
