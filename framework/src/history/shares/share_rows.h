// The table `shares` of the history: writing as part of a Change, and reading. The connection is
// borrowed; one thread.
//
//     ShareReader shares(history.database());
//     if (shares.sharedWith(batch_id, "bob")) …
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/sql/database.h"
#include "history/shares/shares.h"

namespace sheafline {

// Users who have a share already keep its time and the name of the person who gave it.
void replaceShares(sql::Database& database, const std::string& batch_id, const NewShares& next);

class ShareReader {
 public:
    explicit ShareReader(sql::Database& database) : database_(database) {}

    Shares of(std::string_view batch_id);
    bool sharedWith(std::string_view batch_id, std::string_view user);
    // Rises with each share that ends. Streams that depend on shares are then checked.
    std::int64_t revision();

    std::vector<std::string> users();  // all that have a share of any batch
    std::vector<std::string> batchesOf(std::string_view user);

 private:
    sql::Database& database_;
};

}  // namespace sheafline
