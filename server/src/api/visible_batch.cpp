#include "api/visible_batch.h"

#include "http/message/problem.h"

namespace sheafline::api {

bool maySee(const Caller& caller, const BatchRow& batch) {
    return caller.sees_all || caller.user == batch.user;
}

BatchRow visibleBatch(HistoryReader& history, const Caller& caller, const std::string& batch_id) {
    auto batch = history.batch(batch_id);
    if (!batch || !maySee(caller, *batch))
        throw http::HttpError(404, "NO_SUCH_BATCH", "there is no such batch");
    return std::move(*batch);
}

}  // namespace sheafline::api
