#include "decisions/local_decisions.h"

#include <utility>

#include "accounts/random_id.h"
#include "base/login_name.h"
#include "history/decisions/decision_wire.h"
#include "history/history.h"
#include "owner/control_socket.h"

namespace sheafline {

std::string storeDecisions(const DataFolder& folder, const std::string& batch_id,
                           std::vector<NewDecision> list) {
    NewDecisions decisions{.list = std::move(list), .user = loginName(), .request = randomId()};
    std::string request = decisions.request;
    if (currentOwner(folder)) {
        askOwner(folder.controlSocket(), "decide " + batch_id + " " + wordOf(decisions));
        return request;
    }
    const OwnerLock lock(folder, "decide " + batch_id);
    History(folder.history(), lock.identity().id)
        .commit({.batch_id = batch_id, .decisions = std::move(decisions)});
    return request;
}

}  // namespace sheafline
