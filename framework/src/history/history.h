// The history: what happened in every batch, in one SQLite file or PostgreSQL database, and the
// only place where events are made. One thread writes; all waiting changes go into its next
// transaction, so a thousand small changes cost one fsync. A change and its events are one; they
// are visible after COMMIT, not before. Thread-safe.
//
//     History history(folder.history(), owner_id);
//     history.commit({.batch_id = id, .state = BatchState::running});
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/sql/place.h"
#include "history/change.h"
#include "history/leases/notice.h"

namespace sheafline {

class ChangeWriter;
class Listener;

class History {
 public:
    // Called on the writer's thread once the change is durable, or with the Error that rejected it.
    using Done = std::function<void(std::exception_ptr)>;

    // Opens or creates the file, or the tables of the database. Throws Error if it is damaged
    // (DATABASE_CORRUPT) or of a newer program.
    History(const sql::Place& place, std::string owner_id);
    ~History();  // writes what waits
    History(const History&) = delete;
    History& operator=(const History&) = delete;

    void submit(Change change, Done done);  // waits only while 10,000 changes wait already
    void commit(Change change);             // returns once durable; throws what rejected it

    // Called on the writer's thread when the disk is full; if it returns true, it has made room
    // and the changes are written once more. Set it before anything is submitted.
    void onFullDisk(std::function<bool()> make_room) { make_room_ = std::move(make_room); }

    // Called for each committed change, also of other servers; must be quick and not call back. A
    // change without a batch stands for many of other servers.
    void onCommit(std::function<void(const Committed&)> committed);

    void setCursor(const std::string& sink, std::int64_t event_id);  // soon, not at once

    std::int64_t lastEventId() const;
    std::size_t waiting() const;  // changes that are not yet committed
    // Waits until an event later than `after` is committed, or until the stop, and returns the id
    // of the last event.
    std::int64_t waitForEvent(std::int64_t after, const std::stop_token& stop) const;

 private:
    struct Waiting {
        Change change;
        Done done;
    };

    using Cursors = std::deque<std::pair<std::string, std::int64_t>>;

    void hear(const Notice& notice);
    void writeLoop();
    void writeGroup(std::deque<Waiting>& group, const Cursors& cursors);
    std::vector<std::exception_ptr> written(std::deque<Waiting>& group, const Cursors& cursors);

    // constant after construction
    const std::string owner_id_;
    std::function<bool()> make_room_;
    std::unique_ptr<ChangeWriter> writer_;  // used only by the writer's thread

    mutable std::mutex mutex_;
    // guarded by mutex_
    std::deque<Waiting> waiting_;
    Cursors cursors_;
    std::function<void(const Committed&)> committed_;
    bool closing_ = false;
    std::int64_t last_event_id_ = 0;
    mutable std::condition_variable_any work_;
    mutable std::condition_variable_any room_;
    mutable std::condition_variable_any events_;

    std::jthread thread_;
    std::unique_ptr<Listener>
        listener_;  // null: nobody else writes. Last: both use all of the above
};

}  // namespace sheafline
