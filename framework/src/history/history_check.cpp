#include "history/history_check.h"

#include <optional>
#include <string>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/sqlite/statement.h>

#include "base/clocks.h"

namespace sheafline {

namespace {

std::optional<std::string> damageOf(const std::filesystem::path& file) {
    try {
        sqlite::Database database(file);
        sqlite::Statement check(database, "PRAGMA quick_check(1)");
        if (!check.step() || check.text(0) == "ok") return std::nullopt;
        return check.text(0);
    } catch (const Error& error) {
        if (error.code() != "DATABASE_CORRUPT") throw;
        return error.what();
    }
}

// SQLite reports a disk that cannot be read as a malformed database. Then the file may be sound, so
// it stays where it is. Read through SQLite: a raw descriptor would drop the locks of this process.
void requireReadable(const std::filesystem::path& file) {
    sqlite::Database(file, {.mode = sqlite::OpenMode::read_only}).readAll([](std::string_view) {});
}

}  // namespace

void checkHistory(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return;
    const auto damage = damageOf(file);
    if (!damage) return;
    requireReadable(file);
    const std::string aside = file.string() + ".corrupt-" + utcText(wallMs());
    for (const char* part : {"-wal", "-shm", ""}) {  // the file itself last: till then it is found
        if (std::filesystem::exists(file.string() + part))
            std::filesystem::rename(file.string() + part, aside + part);
    }
    syncFolder(file.parent_path());
    throw Error(ErrorClass::permanent, "DATABASE_CORRUPT",
                "the history is damaged (" + *damage + ") and was set aside as " + aside +
                    "; put a sound copy back as " + file.filename().string() +
                    ", or start again with an empty history");
}

}  // namespace sheafline
