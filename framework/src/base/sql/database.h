// One connection to a database of the program's own tables, without saying which kind it is. The
// statements are SQL that every kind understands, with parameters ?1, ?2, …; what differs is in
// Dialect. One thread at a time. Throws Error with the class and the remedy.
//
//     sql::Statement find(database, "SELECT state FROM batches WHERE batch_id = ?1");
//     if (find.bind(1, id).step()) use(find.text(0));
//
// What is portable, besides the SQL of both kinds: ON CONFLICT in place of INSERT OR REPLACE; CASE
// in place of max() and min() of two values; a comparison where a condition is needed, because an
// integer is none; `a = ?1 OR ?1 IS NULL` in this order, or `CAST(?1 AS TEXT) IS NULL`, since the
// first use gives a parameter its type; "user" and "values" in quotation marks; an alias for each
// subquery.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql/dialect.h"
#include "base/sql/prepared.h"

namespace sheafline::sql {

class Database {
 public:
    Database() = default;
    virtual ~Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    virtual std::unique_ptr<Prepared> prepare(std::string_view sql, Rows rows = Rows::one) = 0;
    virtual void execute(const std::string& sql) = 0;  // statements without parameters or rows

    // Transaction calls these. Only one transaction that writes is open at a time.
    virtual void begin() = 0;
    virtual void commit() = 0;
    virtual void rollback() noexcept = 0;
    virtual bool inTransaction() const = 0;

    // A part of the transaction that can be undone alone. Statements without rows may be sent to a
    // server together; release() waits for them, and throws the first error among them.
    virtual void savepoint() = 0;
    virtual void release() = 0;
    virtual void rollbackToSavepoint() = 0;  // and releases it

    virtual std::int64_t changes() = 0;     // rows that the last statement changed
    virtual int version() = 0;              // of the tables
    virtual std::string place() const = 0;  // in messages: a folder, or a host and a database
    virtual const Dialect& dialect() const = 0;

    // What other connections said on the channels to which this one listens, oldest first. Waits
    // for the first, but no longer than `patience`. Outside of a transaction.
    virtual std::vector<std::string> heard(std::chrono::milliseconds patience) = 0;
};

}  // namespace sheafline::sql
