// A PostgreSQL database behind the interface of sql::Database: its statements are prepared on the
// server, and those without rows are sent together in pipeline mode, so that a group of changes
// costs few round trips. Their errors are thrown by the next statement with rows, or by commit().
// One thread.
//
// Nearly all transactions succeed, so they have no savepoints. In one in which something fails, the
// error is HISTORY_GROUP: roll back and repeat it once. The next transaction has savepoints, and
// its errors come from the change that caused them.
//
// A lost connection throws HISTORY_UNAVAILABLE and rolls back; the next begin() connects again.
// Outside of a transaction, a statement that reads is repeated on a new connection: once, or for a
// minute by a reader that waits. When the connection is lost during COMMIT, the server is asked
// afterwards whether it has committed; if it does not come back in time, the error is
// HISTORY_UNKNOWN.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/sql/database.h"
#include "history/postgres/commit_mark.h"
#include "history/postgres/postgres_link.h"
#include "history/stores/postgres_library.h"

namespace sheafline::postgres {

// One text of SQL, as the server gets it, and the names under which it is prepared: one for each
// combination of types.
struct PreparedText {
    std::string sql{};         // with $1 in place of ?1
    std::vector<bool> used{};  // which parameters it has
    std::uint64_t generation = 0;
    std::map<std::vector<unsigned>, std::string> names{};
};

using Access = PostgresAccess;

class PostgresStore : public sql::Database {
 public:
    PostgresStore(const std::string& url, const std::string& name, Access access);

    std::unique_ptr<sql::Prepared> prepare(std::string_view sql, sql::Rows rows) override;
    void execute(const std::string& sql) override;
    void begin() override;
    void commit() override;
    void rollback() noexcept override;
    void savepoint() override;
    void release() override;
    void rollbackToSavepoint() override;
    bool inTransaction() const override { return in_transaction_ && link_.isOpen(); }
    std::int64_t changes() override;
    int version() override;
    std::string place() const override { return link_.place(); }
    const sql::Dialect& dialect() const override;
    std::vector<std::string> heard(std::chrono::milliseconds patience) override;

    // For its statements: sends one; `rows` waits for its result.
    Result run(PreparedText& text, std::vector<Value>& values, bool rows);
    // Rises when a transaction begins, and when a part of it is undone.
    std::uint64_t part() const { return part_; }

 private:
    void enter();  // after each connect
    void bringToNewest();
    void requireNoOlderServer();
    void requireNewest();
    int schemaVersion();
    bool waitsToRead() const { return access_ == Access::wait_to_read; }
    bool isReader() const { return access_ == Access::read || waitsToRead(); }
    std::chrono::seconds patience() const;
    void returnToServer(std::chrono::seconds patience);  // connects again
    bool wasCommitted();                                 // connects again, and asks
    void send(PreparedText& text, std::vector<Value>& values);
    std::string textOf(const std::string& sql);
    [[noreturn]] void failGroup(const std::string& why);
    template <typename Work>
    Result inGroup(const Work& work);

    Link link_;
    CommitMark mark_{link_};
    const Access access_;
    bool in_transaction_ = false;
    std::int64_t changes_ = 0;  // of the last statement outside of a transaction
    std::uint64_t part_ = 0;
    bool savepoints_ = false;       // of this transaction
    bool next_savepoints_ = false;  // of the next one
    std::unordered_map<std::string, PreparedText> texts_{};
    std::uint64_t last_name_ = 0;
};

}  // namespace sheafline::postgres
