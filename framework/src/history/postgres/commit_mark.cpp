#include "history/postgres/commit_mark.h"

#include <cstdlib>
#include <libpq-fe.h>
#include <thread>

#include <Poco/UUIDGenerator.h>

#include <sheafline/backoff.h>

namespace sheafline::postgres {

CommitMark::CommitMark(Link& link)
    : link_(link), connection_(Poco::UUIDGenerator::defaultGenerator().createRandom().toString()) {}

void CommitMark::put() {
    link_.send("INSERT INTO commits(connection, number, at) SELECT '" + connection_ +
               "', 1, clock_timestamp() WHERE pg_current_xact_id_if_assigned() IS NOT NULL ON "
               "CONFLICT(connection) DO UPDATE SET number = commits.number + 1, at = excluded.at "
               "RETURNING pg_current_xact_id()::xid, number");
    const Result put = link_.finish();
    const bool changes = PQntuples(put.get()) > 0;
    transaction_ = changes ? PQgetvalue(put.get(), 0, 0) : "";
    number_ = changes ? PQgetvalue(put.get(), 0, 1) : "";
}

bool CommitMark::wasCommitted() {
    if (transaction_.empty()) return true;
    // A transaction holds this lock until all others see its outcome.
    const std::string open =
        "SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND granted AND mode = "
        "'ExclusiveLock' AND transactionid = '" +
        transaction_ + "'";
    for (Backoff pause; count(open) > 0;) std::this_thread::sleep_for(pause.next());
    return count("SELECT count(*) FROM commits WHERE connection = '" + connection_ +
                 "' AND number = " + number_) > 0;
}

int CommitMark::count(const std::string& sql) {
    link_.send(sql);
    const Result found = link_.finish();
    return std::atoi(PQgetvalue(found.get(), 0, 0));
}

}  // namespace sheafline::postgres
