// SQLite in three small classes. A Database belongs to one thread at a time; a Statement to its
// Database. Every failure throws Error: SQLITE_BUSY and LOCKED are transient, a full disk is
// DISK_FULL, a damaged file is DATABASE_CORRUPT.
//
//     Statement find(db, "SELECT json FROM events WHERE batch_id = ?1 AND seq > ?2");
//     find.bind(1, batch_id).bind(2, after);
//     while (find.step()) use(find.text(0));
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace sheafline {

enum class OpenMode { read_only, read_write };

class Database {
 public:
    Database(const std::filesystem::path& file, OpenMode mode);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void execute(const char* sql);
    bool inTransaction() const;  // SQLite ends one by itself when the disk is full
    int changes() const;         // rows that the last statement changed
    sqlite3* handle() const { return handle_; }

 private:
    sqlite3* handle_ = nullptr;
};

class Statement {
 public:
    Statement(Database& database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int index, std::string_view value);
    Statement& bind(int index, const std::string& value) {
        return bind(index, std::string_view(value));
    }
    Statement& bind(int index, const char* value) { return bind(index, std::string_view(value)); }
    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, int value) { return bind(index, static_cast<std::int64_t>(value)); }
    Statement& bind(int index, std::uint64_t value) {
        return bind(index, static_cast<std::int64_t>(value));
    }
    Statement& bind(int index, double value);
    Statement& bind(int index, std::nullopt_t);

    template <typename T>
    Statement& bind(int index, const std::optional<T>& value) {
        return value ? bind(index, *value) : bind(index, std::nullopt);
    }

    bool step();  // false when there is no further row
    void run();   // to the end, then ready for the next bind

    bool isNull(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    std::optional<std::string> optionalText(int column) const;

 private:
    sqlite3_stmt* statement_ = nullptr;
};

// Rolls back unless commit() was called.
class Transaction {
 public:
    explicit Transaction(Database& database);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

 private:
    Database& database_;
    bool open_ = true;
};

}  // namespace sheafline
