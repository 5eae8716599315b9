// The events of a transaction, inserted together at its end. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/sql/statement.h"

namespace sheafline {

struct EventRow {
    std::string batch_id{};
    std::uint64_t seq = 0;
    int execution = 1;
    std::string json{};
};

class EventRows {
 public:
    explicit EventRows(sql::Database& database);

    void add(EventRow row) { rows_.push_back(std::move(row)); }
    std::size_t size() const { return rows_.size(); }
    void truncate(std::size_t size) { rows_.resize(size); }  // after a change that failed
    void removeOf(const std::string& batch_id);
    void clear() { rows_.clear(); }
    // Inserts all of them in their order, and forgets them. The first one gets the id `first`, the
    // next one the next id; without `first`, the database gives the ids.
    void insert(std::optional<std::int64_t> first);

 private:
    sql::Statement insert_;
    std::vector<EventRow> rows_{};
};

}  // namespace sheafline
