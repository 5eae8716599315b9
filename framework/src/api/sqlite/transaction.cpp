#include <sqlite3.h>

#include <sheafline/sqlite/transaction.h>

namespace sheafline::sqlite {

Transaction::Transaction(Database& database) : database_(database) {
    database_.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
    if (!open_ || !database_.inTransaction()) return;  // SQLite has rolled back already
    // A destructor does not throw; the next statement on this connection reports the error.
    sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
    database_.execute("COMMIT");
    open_ = false;
}

}  // namespace sheafline::sqlite
