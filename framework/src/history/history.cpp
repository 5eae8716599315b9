#include "history/history.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <set>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>

#include "history/change_writer.h"
#include "history/leases/listener.h"

namespace sheafline {

namespace {

constexpr std::size_t kMaxWaiting = 10'000;
constexpr std::size_t kMaxGroup = 4'000;
constexpr std::string_view kDiskFull = "DISK_FULL";
constexpr std::string_view kDatabaseLost = "HISTORY_UNAVAILABLE";
constexpr std::string_view kGroupFailed = "HISTORY_GROUP";
constexpr int kMostAttempts = 10;
constexpr std::chrono::seconds kDatabasePatience{60};  // with a database that cannot be reached

// Otherwise the change is to blame.
bool isOfDatabase(const Error& error) {
    return error.code() == kDiskFull || error.code() == kDatabaseLost ||
           error.code() == kGroupFailed;
}

// A group is written again when there is room on the disk again, when the connection to a database
// was lost, and when the database could not say which of the changes was wrong.
std::vector<std::exception_ptr> repeated(
    const std::function<std::vector<std::exception_ptr>()>& write,
    const std::function<bool()>& make_room) {
    bool made_room = false;
    const auto deadline = std::chrono::steady_clock::now() + kDatabasePatience;
    for (int attempt = 1;; ++attempt) {
        try {
            return write();
        } catch (const Error& error) {
            if (attempt == kMostAttempts || !isOfDatabase(error)) throw;
            if (error.code() == kDatabaseLost && std::chrono::steady_clock::now() > deadline) throw;
            if (error.code() != kDiskFull) continue;
            if (made_room || !make_room || !make_room()) throw;
            made_room = true;
        }
    }
}

}  // namespace

History::History(const sql::Place& place, std::string owner_id)
    : owner_id_(std::move(owner_id)),
      writer_(std::make_unique<ChangeWriter>(place, owner_id_)),
      last_event_id_(writer_->lastEventId()),
      thread_([this] { writeLoop(); }) {
    if (!place.url.empty())
        listener_ =
            std::make_unique<Listener>(place, [this](const Notice& notice) { hear(notice); });
}

History::~History() {
    listener_.reset();
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    work_.notify_all();
    thread_.join();
}

void History::submit(Change change, Done done) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return waiting_.size() < kMaxWaiting; });
    waiting_.push_back({std::move(change), std::move(done)});
    work_.notify_one();
}

void History::commit(Change change) {
    std::promise<void> promise;
    submit(std::move(change), [&promise](const std::exception_ptr& error) {
        error ? promise.set_exception(error) : promise.set_value();
    });
    promise.get_future().get();
}

void History::onCommit(std::function<void(const Committed&)> committed) {
    const std::lock_guard lock(mutex_);
    committed_ = std::move(committed);
}

void History::setCursor(const std::string& sink, std::int64_t event_id) {
    const std::lock_guard lock(mutex_);
    cursors_.emplace_back(sink, event_id);
    work_.notify_one();
}

std::int64_t History::lastEventId() const {
    const std::lock_guard lock(mutex_);
    return last_event_id_;
}

std::size_t History::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

std::int64_t History::waitForEvent(std::int64_t after, const std::stop_token& stop) const {
    std::unique_lock lock(mutex_);
    events_.wait(lock, stop, [&] { return last_event_id_ > after; });
    return last_event_id_;
}

// On the listener's thread.
void History::hear(const Notice& notice) {
    if (notice.owner == owner_id_) return;  // the writer has told it already
    {
        const std::lock_guard lock(mutex_);
        last_event_id_ = std::max(last_event_id_, notice.last_event_id);
        if (committed_) {
            for (const Committed& change : notice.changes) committed_(change);
            if (notice.many) committed_({.elsewhere = true});
        }
    }
    events_.notify_all();
}

void History::writeLoop() {
    while (true) {
        std::deque<Waiting> group;
        Cursors cursors;
        {
            std::unique_lock lock(mutex_);
            work_.wait(lock, [this] { return closing_ || !waiting_.empty() || !cursors_.empty(); });
            if (waiting_.empty() && cursors_.empty()) return;
            while (!waiting_.empty() && group.size() < kMaxGroup) {
                group.push_back(std::move(waiting_.front()));
                waiting_.pop_front();
            }
            cursors.swap(cursors_);
        }
        room_.notify_all();
        writeGroup(group, cursors);
    }
}

// One transaction, or none of it; throws what was wrong with all of it.
std::vector<std::exception_ptr> History::written(std::deque<Waiting>& group,
                                                 const Cursors& cursors) {
    std::vector<std::exception_ptr> results(group.size());
    std::set<std::string> batch_ids;
    for (const Waiting& waiting : group) batch_ids.insert(waiting.change.batch_id);
    try {
        writer_->inTransaction(batch_ids, [&] {
            for (std::size_t i = 0; i < group.size(); ++i) {
                try {
                    writer_->apply(group[i].change);
                } catch (const Error& error) {
                    if (isOfDatabase(error)) throw;
                    results[i] = std::current_exception();
                } catch (const std::exception& error) {
                    // This change is undone; the others of the group are not to blame.
                    results[i] = std::make_exception_ptr(
                        Error(ErrorClass::permanent, "CHANGE_REFUSED",
                              std::string("the history cannot apply a change: ") + error.what()));
                }
            }
            for (const auto& [sink, event_id] : cursors) writer_->setCursor(sink, event_id);
            faultPoint("history.commit");
        });
        faultPoint("history.committed");
    } catch (...) {
        writer_->forget();
        throw;
    }
    return results;
}

void History::writeGroup(std::deque<Waiting>& group, const Cursors& cursors) {
    std::vector<std::exception_ptr> results;
    try {
        results = repeated([&] { return written(group, cursors); }, make_room_);
    } catch (const Error&) {
        // Nothing of the group was stored; each of its changes gets the reason.
        results.assign(group.size(), std::current_exception());
    } catch (const std::exception& error) {
        results.assign(group.size(),
                       std::make_exception_ptr(
                           Error(ErrorClass::permanent, "DATABASE",
                                 std::string("cannot write the history: ") + error.what())));
    }
    {
        const std::lock_guard lock(mutex_);
        last_event_id_ = std::max(last_event_id_, writer_->lastEventId());
        for (std::size_t i = 0; committed_ && i < group.size(); ++i) {
            const Change& change = group[i].change;
            if (results[i]) continue;
            Committed committed{.batch_id = change.batch_id,
                                .removed = change.remove,
                                .shares = change.shares.has_value()};
            for (const ChangedStage& stage : change.stages) {
                if (stage.state == StageState::completed || stage.state == StageState::failed)
                    committed.ended_stages.push_back(stage.stage_id);
            }
            committed_(committed);
        }
    }
    events_.notify_all();
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (group[i].done) group[i].done(results[i]);
    }
}

}  // namespace sheafline
