// What a group of changes holds of its batches while several servers write one database: their
// rows, so that no other server changes them before the commit, and their leases as of then. One
// thread, in a transaction of its caller.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/sql/statement.h"
#include "history/change.h"

namespace sheafline {

class BatchLocks {
 public:
    BatchLocks(sql::Database& database, std::string owner_id);

    // Locks these batches until the transaction ends, and returns those whose last change was made
    // by another server.
    std::vector<std::string> lock(const std::set<std::string>& batch_ids);
    // Throws Error: FENCED if another server has taken the batch over, STATE_CHANGED if a server
    // runs a batch that the change expects to wait.
    void require(const Change& change) const;

    // Stores what the change says about the lease of its batch.
    void store(const Change& change);

 private:
    struct Lease {
        std::string owner{};
        std::int64_t epoch = 0;
        bool valid = false;
    };

    const std::string owner_id_;
    sql::Statement lock_, begin_, reason_, remove_;
    std::unordered_map<std::string, Lease> leases_{};  // of the locked batches
};

}  // namespace sheafline
