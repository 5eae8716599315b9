#include "api/visible_batch.h"

#include "history/shares/share_rows.h"
#include "http/message/problem.h"

namespace sheafline::api {

bool owns(const Caller& caller, const BatchRow& batch) {
    return caller.sees_all || caller.user == batch.user;
}

bool maySee(HistoryReader& history, const Caller& caller, const BatchRow& batch) {
    return owns(caller, batch) ||
           ShareReader(history.database()).sharedWith(batch.batch_id, caller.user);
}

BatchRow visibleBatch(HistoryReader& history, const Caller& caller, const std::string& batch_id) {
    auto batch = history.batch(batch_id);
    if (!batch || !maySee(history, caller, *batch))
        throw http::HttpError(404, "NO_SUCH_BATCH", "there is no such batch");
    return std::move(*batch);
}

BatchRow ownBatch(HistoryReader& history, const Caller& caller, const std::string& batch_id) {
    BatchRow batch = visibleBatch(history, caller, batch_id);
    if (!owns(caller, batch))
        throw http::HttpError(
            403, "FORBIDDEN",
            "the batch is shared with you; only its owner or an admin may do this");
    return batch;
}

}  // namespace sheafline::api
