#include "history/leases/batch_locks.h"

#include <utility>

#include <sheafline/error.h>

#include "history/text_list.h"

namespace sheafline {

BatchLocks::BatchLocks(sql::Database& database, std::string owner_id)
    : owner_id_(std::move(owner_id)),
      lock_(database, "SELECT id, writer, holder, number, valid FROM lock_batches(?1)"),
      begin_(database,
             "INSERT INTO leases(name, owner, epoch, lease_until) VALUES('batch/' || ?1, ?2, 1, "
             "clock_timestamp() + interval '10 s')"),
      reason_(database,
              "INSERT INTO leases(name, owner, epoch, lease_until, reason) VALUES('batch/' || ?1, "
              "'', 0, '-infinity', ?2) ON CONFLICT(name) DO UPDATE SET reason = excluded.reason"),
      remove_(database,
              "DELETE FROM leases WHERE name = 'batch/' || ?1 OR name > 'sink/' || ?1 || '/' AND "
              "name < 'sink/' || ?1 || '0'") {}

std::vector<std::string> BatchLocks::lock(const std::set<std::string>& batch_ids) {
    leases_.clear();
    std::set<std::string> missing = batch_ids;
    std::vector<std::string> foreign;
    lock_.bind(1, jsonArray({batch_ids.begin(), batch_ids.end()}));
    while (lock_.step()) {
        const std::string id = lock_.text(0);
        missing.erase(id);
        if (lock_.text(1) != owner_id_) foreign.push_back(id);
        leases_[id] = {
            .owner = lock_.text(2), .epoch = lock_.integer(3), .valid = lock_.integer(4) != 0};
    }
    foreign.insert(foreign.end(), missing.begin(), missing.end());
    return foreign;
}

void BatchLocks::require(const Change& change) const {
    const auto found = leases_.find(change.batch_id);
    const Lease lease = found == leases_.end() ? Lease{} : found->second;
    if (change.epoch != 0 && (lease.epoch != change.epoch || lease.owner != owner_id_)) {
        throw Error(ErrorClass::permanent, "FENCED",
                    "another server has taken the batch '" + change.batch_id +
                        "' over; what this server still has of it is dropped");
    }
    if (change.expected && change.expected->waits && lease.valid) {
        throw Error(
            ErrorClass::permanent, "STATE_CHANGED",
            "a server has just begun to run the batch '" + change.batch_id + "'; try it again");
    }
}

void BatchLocks::store(const Change& change) {
    const std::string& id = change.batch_id;
    if (change.remove) remove_.bind(1, id).run();
    if (change.waits_because) reason_.bind(1, id).bind(2, *change.waits_because).run();
    if (!change.create || !change.create->with_lease) return;
    begin_.bind(1, id).bind(2, owner_id_).run();
    leases_[id] = {.owner = owner_id_, .epoch = kFirstEpoch, .valid = true};
}

}  // namespace sheafline
