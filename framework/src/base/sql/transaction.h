// A transaction that writes: begins now, and is rolled back by the destructor unless commit()
// returned. transact() runs one from begin to commit.
#pragma once

#include <concepts>
#include <utility>

#include <sheafline/error.h>

#include "base/sql/database.h"

namespace sheafline::sql {

class Transaction {
 public:
    explicit Transaction(Database& database) : database_(database) { database_.begin(); }
    ~Transaction() {
        if (open_ && database_.inTransaction()) database_.rollback();
    }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit() {
        database_.commit();
        open_ = false;
    }

 private:
    Database& database_;
    bool open_ = true;
};

// After these errors nothing was stored, and the same transaction can succeed.
inline bool isRepeatable(const Error& error) {
    return error.code() == "HISTORY_GROUP" || error.code() == "DATABASE_BUSY" ||
           error.code() == "HISTORY_UNAVAILABLE";
}

// Calls `work` in a transaction, commits it and returns the result; again, a few times, where a
// database that several processes write to asks for that. So `work` changes nothing else.
template <typename Work>
auto transact(Database& database, const Work& work) {
    constexpr int kMostAttempts = 3;
    for (int attempt = 1;; ++attempt) {
        try {
            Transaction transaction(database);
            if constexpr (std::same_as<decltype(work()), void>) {
                work();
                return transaction.commit();
            } else {
                auto result = work();
                transaction.commit();
                return result;
            }
        } catch (const Error& error) {
            if (attempt == kMostAttempts || !isRepeatable(error)) throw;
        }
    }
}

}  // namespace sheafline::sql
