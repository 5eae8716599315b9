#include "decisions/decision_desk.h"

#include <utility>

#include <sheafline/error.h>

#include "accounts/random_id.h"
#include "history/decisions/decision_reader.h"

namespace sheafline {

std::vector<Decision> decide(History& history, HistoryReader& reader, const std::string& batch_id,
                             std::vector<NewDecision> list, const std::string& user) {
    const auto batch = reader.batch(batch_id);
    if (batch && batch->state == BatchState::cancelled)
        throw Error(ErrorClass::permanent, "CANNOT_DECIDE",
                    "the batch was cancelled and cannot be changed; start a new batch");
    if (list.empty()) return {};
    const std::string request = randomId();
    history.commit(
        {.batch_id = batch_id,
         .decisions = NewDecisions{.list = std::move(list), .user = user, .request = request}});
    return DecisionReader(reader.database()).ofRequest(batch_id, request);
}

}  // namespace sheafline
