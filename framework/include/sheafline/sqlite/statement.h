// A prepared statement of a Database. One thread at a time. Every bind, step and column is checked:
// a wrong index, an unsigned number above 2^63 - 1, or a column read without a row throws.
//
//     Statement find(database, "SELECT json FROM events WHERE batch_id = ?1 AND seq > ?2");
//     find.bind(1, batch_id).bind(2, after);
//     while (find.step()) use(find.text(0));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sheafline/export.h>
#include <sheafline/sqlite/database.h>

struct sqlite3_stmt;

namespace sheafline::sqlite {

class SHEAFLINE_API Statement {
 public:
    Statement(Database& database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int index, std::string_view value);  // copies the bytes
    Statement& bind(int index, const std::string& value) {
        return bind(index, std::string_view(value));
    }
    Statement& bind(int index, const char* value) { return bind(index, std::string_view(value)); }
    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, int value) { return bind(index, static_cast<std::int64_t>(value)); }
    Statement& bind(int index, std::uint64_t value);
    Statement& bind(int index, double value);
    Statement& bind(int index, std::nullopt_t);

    template <typename T>
    Statement& bind(int index, const std::optional<T>& value) {
        return value ? bind(index, *value) : bind(index, std::nullopt);
    }

    // Does not copy: the bytes stay valid and unchanged until the next reset or the end of run().
    Statement& bindBorrowed(int index, std::string_view value);

    bool step();   // false after the last row; then the statement is reset
    void run();    // runs to the end; ready for the next bind
    void reset();  // drops the remaining rows; ready for the next bind

    int columns() const;
    bool isNull(int column) const;
    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    std::optional<std::string> optionalText(int column) const;

 private:
    void check(int result) const;
    void requireColumn(int column) const;

    Database& database_;
    sqlite3_stmt* statement_ = nullptr;
};

}  // namespace sheafline::sqlite
