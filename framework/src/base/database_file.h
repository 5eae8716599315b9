// One database file of the data folder: created whole, checked before it is used, and brought to
// the newest version by numbered migrations. Every error that needs a person names the file and the
// remedy: DATABASE_CORRUPT for a damaged file, DATA_FOLDER for one of another program or version.
//
//     auto database = openDatabase(folder / "accounts.db", kAccountsFormat);
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <sheafline/sqlite/database.h>

namespace sheafline {

struct DatabaseFormat {
    std::string_view what{};  // in messages: "the history"
    // migrations[n] is the SQL that leads from version n to n + 1; version 0 is an empty file.
    // A released migration is never changed.
    std::span<const char* const> migrations{};
    std::string_view remedy{};   // what to do with a damaged file; a sentence without its period
    unsigned mode = 0640;        // of the file
    int page_size_bytes = 4096;  // of a new file

    int version() const { return static_cast<int>(migrations.size()); }
};

// Opens `file` in WAL mode with synchronous=FULL, after it was created or migrated where needed.
// A migration is one transaction; before it, a copy of the old file is kept as NAME.version-N.
std::unique_ptr<sqlite::Database> openDatabase(const std::filesystem::path& file,
                                               const DatabaseFormat& format);

// Why the file cannot be used; empty if it is valid or missing. Throws Error (DISK_IO) if the disk
// cannot be read: then the file may be valid.
std::optional<std::string> damageOf(const std::filesystem::path& file);

// Renames a damaged file and its side files to NAME.corrupt-TIME and returns the new name.
std::filesystem::path setDamagedFileAside(const std::filesystem::path& file);

}  // namespace sheafline
