// Puts Changes into the tables of the history, inside a transaction of its caller. Keeps the
// counters of the batches that it has seen, so that an event costs no query. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/sql/database.h"
#include "base/sql/place.h"
#include "history/batch_tally.h"
#include "history/change.h"
#include "history/changes/event_rows.h"
#include "history/leases/notice.h"

namespace sheafline {

namespace sql {
class Statement;
}  // namespace sql

struct ChangeStatements;
class DecisionWriter;
class BatchLocks;
class PendingCounters;
class SheetChanges;

class ChangeWriter {
 public:
    ChangeWriter(const sql::Place& place, std::string owner_id);
    ~ChangeWriter();
    ChangeWriter(const ChangeWriter&) = delete;
    ChangeWriter& operator=(const ChangeWriter&) = delete;

    std::int64_t lastEventId() const { return last_event_id_; }

    // Runs `work`, which calls apply() for these batches and setCursor(), as one transaction: all
    // of it is durable when this returns, or nothing is when it throws.
    void inTransaction(const std::set<std::string>& batch_ids, const std::function<void()>& work);
    void apply(const Change& change);  // whole, or throws and leaves nothing of it
    void setCursor(const std::string& sink, std::int64_t event_id);
    void forget();  // after a rollback: what was counted is read again

 private:
    void lock(const std::set<std::string>& batch_ids);
    std::int64_t storeEvents();
    BatchTally& tallyOf(const std::string& batch_id);
    void create(const Change& change);
    void decide(const Change& change);
    void report(const Change& change);
    void remove(const std::string& batch_id);
    void storeStopError(const Change& change);
    void plan(const Change& change, BatchTally& tally);
    void enter(BatchState state, const std::string& batch_id, BatchTally& tally);
    void changeStages(const Change& change, BatchTally& tally);
    void addEvent(const Change& change, const EventDraft& draft, BatchTally& tally);

    const std::unique_ptr<sql::Database> store_;
    sql::Database& database_;
    const std::string owner_id_;
    std::unique_ptr<ChangeStatements> sql_;
    std::unique_ptr<DecisionWriter> decisions_;
    std::unique_ptr<SheetChanges> sheets_;
    std::unique_ptr<PendingCounters> counters_;
    // Null if no other server writes.
    std::unique_ptr<BatchLocks> locks_;
    std::unique_ptr<sql::Statement> event_ids_;
    std::unique_ptr<sql::Statement> notify_;
    EventRows events_{database_};  // of this transaction, stored at its end
    std::vector<Committed> news_;  // for other servers
    std::unordered_map<std::string, BatchTally> tallies_;
    std::int64_t last_event_id_ = 0;
};

}  // namespace sheafline
