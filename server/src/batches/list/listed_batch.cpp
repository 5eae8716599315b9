#include "batches/list/listed_batch.h"

#include "batches/batch_json.h"

namespace sheafline {

std::string listedBatch(const BatchRow& batch, std::string_view owner_id, HistoryReader& history) {
    auto object = batchJson(batch, shownState(batch, owner_id));
    object.set("user", batch.user);
    std::string json = compactJson(object);
    if (isFinal(batch.state) || batch.seq == 0) return json;
    // Another thread may have removed the batch since it was read.
    const auto newest = history.eventsOf(batch.batch_id, batch.seq - 1, 1);
    if (newest.empty()) return json;
    json.back() = ',';
    return json + "\"progress\":" + newest.front().json + '}';
}

}  // namespace sheafline
