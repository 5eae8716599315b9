// The part of Owner that answers requests of commands on the control socket.
#include <sstream>
#include <utility>

#include <sheafline/error.h>

#include "batch/next_execution.h"
#include "history/decisions/decision_wire.h"
#include "owner/owner.h"

namespace sheafline {

void Owner::throwRunsOneBatch() const {
    const OwnerIdentity& holder = identity();
    throw Error(ErrorClass::permanent, "DATA_FOLDER_IN_USE",
                "the data folder " + options_.folder.data().string() + " is in use by pid " +
                    std::to_string(holder.pid) + " since " + holder.since + " (" + holder.command +
                    "), which runs one batch only; try again when it has ended");
}

std::string Owner::restart(const std::string& request) {
    std::function<void(Change)> restart;
    {
        const std::lock_guard lock(mutex_);
        restart = restart_;
    }
    if (!restart) throwRunsOneBatch();
    HistoryReader reader(options_.folder.history());
    try {
        restart(restartChange(reader, plugins_, request));
    } catch (const ConfigError& error) {
        return error.what();
    }
    return {};
}

std::string Owner::share(const std::string& request) {
    std::istringstream words(request);
    std::string batch_id;
    NewShares next;
    words >> batch_id >> next.by;
    for (std::string user; words >> user;) {
        if (user == kEverybody)
            next.shares.everybody = true;
        else
            next.shares.users.push_back(std::move(user));
    }
    if (next.by.empty()) return "unknown request 'share " + request + "'";
    history_.commit({.batch_id = batch_id, .shares = std::move(next)});
    return {};
}

std::string Owner::answer(const std::string& request) {
    constexpr std::string_view kCancel = "cancel ";
    if (request.starts_with(kCancel)) {
        const std::string batch_id = request.substr(kCancel.size());
        const std::lock_guard lock(cancel_mutex_);
        return cancel_ ? cancel_(batch_id) : cancel(batch_id);
    }
    constexpr std::string_view kDecide = "decide ";
    if (request.starts_with(kDecide)) {
        const std::size_t end = request.find(' ', kDecide.size());
        if (end == std::string::npos) return "unknown request '" + request + "'";
        history_.commit({.batch_id = request.substr(kDecide.size(), end - kDecide.size()),
                         .decisions = decisionsOfWord(request.substr(end + 1))});
        return {};
    }
    constexpr std::string_view kShare = "share ";
    if (request.starts_with(kShare)) return share(request.substr(kShare.size()));
    if (request.starts_with("retry ") || request.starts_with("fix ") ||
        request.starts_with("apply ") || request.starts_with("score "))
        return restart(request);
    return "unknown request '" + request + "'";
}

}  // namespace sheafline
