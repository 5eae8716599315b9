#include "history/new_events.h"

#include <optional>

namespace sheafline {

void insertEvents(sql::Statement& insert, const std::vector<NewEvent>& events,
                  std::int64_t first_id) {
    std::int64_t id = first_id;
    for (const NewEvent& event : events) {
        insert.bind(1, first_id == 0 ? std::nullopt : std::optional(id++))
            .bind(2, event.batch_id)
            .bind(3, event.seq)
            .bind(4, event.execution)
            .bind(5, event.json)
            .run();
    }
}

}  // namespace sheafline
