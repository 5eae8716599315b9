// What loading needs of a database. One connection, one thread. Errors are Error with the class
// that tells whether another attempt can help; a row that the database will not have is a RowError.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "result_table.h"

namespace sheafline::db_load {

class RowError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

// Whether the table has rows of the same keys: where it has none, they need not be looked for.
enum class SameKeys { none, perhaps };

// The rows to load, one a call; nothing after the last.
using NextRow = std::function<std::optional<Row>()>;

using Records = std::vector<std::vector<std::string>>;

class Database {
 public:
    virtual ~Database() = default;

    virtual void begin() = 0;
    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;

    // `sql` has $1, $2, … in this order for `values`.
    virtual Records query(const std::string& sql, const std::vector<std::string>& values = {}) = 0;
    virtual std::optional<std::vector<std::string>> columnsOf(const std::string& table) = 0;
    // Keeps others from making the same tables until the transaction ends.
    virtual void lockSchema() = 0;

    // Throws SCHEMA_DRIFT where the table has no key to tell rows by. In a transaction, once.
    virtual void prepareUpsert(const ResultTable& table) = 0;
    // Inserts rows or replaces those of the same key. After a RowError the caller rolls back to a
    // savepoint.
    virtual void upsert(const NextRow& next, SameKeys same_keys) = 0;
};

class Transaction {
 public:
    explicit Transaction(Database& database) : database_(database) { database_.begin(); }
    ~Transaction() {
        if (!committed_) database_.rollback();
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit() {
        database_.commit();
        committed_ = true;
    }

 private:
    Database& database_;
    bool committed_ = false;
};

}  // namespace sheafline::db_load
