#include "history/changes/event_rows.h"

namespace sheafline {

EventRows::EventRows(sql::Database& database)
    : insert_(database,
              "INSERT INTO events(event_id, batch_id, seq, execution, json) "
              "VALUES(?1,?2,?3,?4,?5)",
              sql::Rows::many) {}

void EventRows::removeOf(const std::string& batch_id) {
    std::erase_if(rows_, [&](const EventRow& row) { return row.batch_id == batch_id; });
}

void EventRows::insert(std::optional<std::int64_t> first) {
    for (const EventRow& row : rows_) {
        insert_.bind(1, first)
            .bind(2, row.batch_id)
            .bind(3, row.seq)
            .bind(4, row.execution)
            .bind(5, row.json)
            .addRow();
        if (first) ++*first;
    }
    insert_.runRows();
    rows_.clear();
}

}  // namespace sheafline
