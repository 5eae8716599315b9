// The database functions that loading needs. One connection, one thread. Errors are Error; their
// class says whether a retry can help. A row that the database rejects is a RowError.
#pragma once

#include <cstdint>
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

// Whether the table may have rows with the same keys; if it has none, they need not be searched.
enum class SameKeys { none, perhaps };

// Returns one row per call, and nothing after the last one.
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
    // Ends what earlier owners of the batch, with a lower epoch, still do: one that hangs in a
    // transaction would hold its locks.
    virtual void takeOver(const std::string& /*batch_id*/, std::int64_t /*epoch*/) {}
    // Prevents others from creating the same tables until the transaction ends.
    virtual void lockSchema() = 0;

    // Throws SCHEMA_DRIFT if the table has no key that identifies rows. Call it once per
    // transaction.
    virtual void prepareUpsert(const ResultTable& table) = 0;
    // Inserts rows, or replaces those with the same key. After a RowError the caller rolls back to
    // a savepoint.
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
