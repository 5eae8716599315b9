#include "command_parts/existing_batch.h"

#include <utility>

#include <sheafline/error.h>

namespace sheafline {

BatchRow existingBatch(HistoryReader& history, const std::string& batch_id) {
    auto batch = history.batch(batch_id);
    if (!batch) throw ConfigError("there is no batch '" + batch_id + "'; see: sheafline batches");
    return std::move(*batch);
}

BatchRow decidableBatch(HistoryReader& history, const std::string& batch_id) {
    BatchRow batch = existingBatch(history, batch_id);
    if (batch.state == BatchState::cancelled)
        throw ConfigError("the batch '" + batch_id +
                          "' was cancelled and cannot be changed; start a new batch");
    return batch;
}

}  // namespace sheafline
