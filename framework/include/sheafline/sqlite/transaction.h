// A write transaction: BEGIN IMMEDIATE now, and ROLLBACK in the destructor unless commit()
// returned.
#pragma once

#include <sheafline/export.h>
#include <sheafline/sqlite/database.h>

namespace sheafline::sqlite {

class SHEAFLINE_API Transaction {
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

}  // namespace sheafline::sqlite
