// The events of a group of changes, stored together at the end of its transaction. Values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/sql/statement.h"

namespace sheafline {

struct NewEvent {
    std::string batch_id{};
    std::uint64_t seq = 0;
    int execution = 0;
    std::string json{};
};

// Inserts them with the ids `first_id`, `first_id` + 1 …; 0: the database gives the ids.
void insertEvents(sql::Statement& insert, const std::vector<NewEvent>& events,
                  std::int64_t first_id);

}  // namespace sheafline
