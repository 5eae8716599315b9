// A transaction that writes: begins now, and is rolled back by the destructor unless commit()
// returned.
#pragma once

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

}  // namespace sheafline::sql
