// What the tables have of some sheets of a batch, read by one query: to ask for each sheet would
// cost PostgreSQL one round trip each. Within a transaction of the caller. One thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "base/sql/statement.h"
#include "history/review/flag_list.h"
#include "history/states.h"

namespace sheafline {

struct StoredSheet {
    SheetState state = SheetState::waiting;
    std::optional<std::string> read_flags{};     // of its reading
    std::optional<std::string> settled_flags{};  // of the reading with what people decided
    std::set<Flag> doubts{};

    bool isRead() const { return state == SheetState::read && read_flags; }
    std::set<Flag> doubtsOfReading() const;  // which `doubts` have, besides those of the row
};

class StoredSheets {
 public:
    static constexpr std::size_t kMost = 20;

    explicit StoredSheets(sql::Database& database);

    void read(const std::string& batch_id, std::span<const int> numbers);  // kMost at most
    const StoredSheet* find(int number) const;  // null: the batch has no such sheet
    // Whether people's decisions are being applied to the batch, which keeps what it had before.
    bool applying() const { return applying_; }

 private:
    sql::Statement one_, many_;
    std::map<int, StoredSheet> sheets_{};
    bool applying_ = false;
};

}  // namespace sheafline
