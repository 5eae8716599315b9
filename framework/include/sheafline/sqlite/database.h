// A connection to one SQLite file. One thread at a time. Every call checks SQLite's result and
// throws SqliteError, so an error never passes unnoticed.
//
// SQLite protects the file with POSIX locks. The kernel drops these locks as soon as this process
// closes any other descriptor of the same file. So no code may open() the file while a Database has
// it open; isOpenInThisProcess() checks that, and readAll() reads through SQLite's own descriptor.
//
//     sqlite::Database database(file, {.mode = sqlite::OpenMode::read_only});
//     sqlite::Statement find(database, "SELECT json FROM events WHERE batch_id = ?1");
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include <sheafline/export.h>

struct sqlite3;

namespace sheafline::sqlite {

enum class OpenMode { read_only, read_write };  // read_write creates the file if it is missing

struct OpenOptions {
    OpenMode mode = OpenMode::read_write;
    std::chrono::milliseconds lock_timeout{10'000};  // then DATABASE_BUSY
    std::stop_token stop{};                          // ends the wait for a lock early
};

class SHEAFLINE_API Database {
 public:
    explicit Database(const std::filesystem::path& file, OpenOptions options = {});
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void execute(const std::string& sql);          // any number of statements; rows are dropped
    std::int64_t integerOf(std::string_view sql);  // the first column of the first row
    std::string textOf(std::string_view sql);      // likewise
    bool inTransaction() const;    // SQLite rolls back by itself when the disk is full
    std::int64_t changes() const;  // rows that the last statement changed

    // Switches to write-ahead logging. Throws SqliteError if the file system does not support it,
    // as network file systems do not.
    void useWriteAheadLog();
    // Writes a consistent copy of all committed rows to `target`, which must not exist.
    void copyTo(const std::filesystem::path& target);
    // Reads the whole file through SQLite's descriptor; throws if the disk cannot be read.
    void readAll(const std::function<void(std::string_view)>& block);

    const std::filesystem::path& file() const;
    sqlite3* handle() const;

    [[noreturn]] void fail(int result) const;  // throws SqliteError with the current reason

 private:
    struct Connection;
    const std::unique_ptr<Connection> connection_;
};

// Whether a Database of this process has the file open, by whatever name.
SHEAFLINE_API bool isOpenInThisProcess(const std::filesystem::path& file);

}  // namespace sheafline::sqlite
