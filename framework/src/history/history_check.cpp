#include "history/history_check.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <string>
#include <unistd.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
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

// SQLite calls a disk that cannot be read a malformed database, and setting it aside would not
// help.
void readThroughout(const std::filesystem::path& file) {
    const FileDescriptor opened = openFile(file, O_RDONLY);
    std::array<char, 65536> block{};
    ssize_t count = 1;
    while (count > 0 || (count < 0 && errno == EINTR))
        count = ::read(opened.get(), block.data(), block.size());
    if (count < 0) throwSystemError(errno, "cannot read the history");
}

}  // namespace

void checkHistory(const std::filesystem::path& file) {
    if (!std::filesystem::exists(file)) return;
    const auto damage = damageOf(file);
    if (!damage) return;
    readThroughout(file);
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
