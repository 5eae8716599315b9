#include "batch/review_deadline.h"

#include <chrono>

#include <sheafline/error.h>

#include "base/clocks.h"
#include "history/decisions/decision_reader.h"
#include "pipeline/pipeline_loader.h"

namespace sheafline {

std::optional<std::int64_t> reviewDeadline(HistoryReader& history, const PluginCatalog& plugins,
                                           const BatchRow& batch) {
    if (batch.state != BatchState::reviewing) return std::nullopt;
    const auto since = DecisionReader(history.database()).reviewingSince(batch.batch_id);
    if (!since) return std::nullopt;
    Review review;  // with the default timeout, as for a stage with on_limit: review
    try {
        const Pipeline pipeline = parsePipeline(batch.pipeline_text, batch.pipeline_file, plugins);
        if (pipeline.review) review = *pipeline.review;
    } catch (const ConfigError&) {
        return std::nullopt;
    }
    const auto limit = std::chrono::duration_cast<std::chrono::seconds>(review.timeout).count();
    return utcSeconds(*since) + limit;
}

Change reviewTimeout(const std::string& batch_id) {
    const EventError error{.code = "REVIEW_TIMEOUT",
                           .message =
                               "nobody decided within the timeout of the review; decide, "
                               "then apply the decisions"};
    return {.batch_id = batch_id,
            .expected = Expected{.states = {BatchState::reviewing}},
            .state = BatchState::queued,
            .outcome = Outcome{.state = BatchState::failed, .error = error}};
}

}  // namespace sheafline
