// The link from a batch process to its owner: collects the changes of the stages and sends them, in
// order, as Changes. The owner acknowledges a Change once it is durable. Thread-safe. The process
// ends at once when the owner ends.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/redactor.h"
#include "history/change.h"
#include "process/wire.h"

namespace sheafline {

// Frames of the line. change: id (1, 2, 3 ...), bytes of a Change. ack: id, rejected, class, code,
// message. stop: StopReason. ping and pong: nothing. alive: until when the owner's lease of the
// batch runs, as a time of the monotonic clock in ns.
enum class LinkFrame : std::uint8_t {
    change = 1,
    ack = 2,
    stop = 3,
    ping = 4,
    pong = 5,
    alive = 6,
};

// The owner's side of `alive`. Does not wait for a process that does not read (it is stopped): it
// gets the next one.
void sendAlive(int socket, std::chrono::steady_clock::time_point lease_until);

enum class StopReason {
    cancel,     // a person ends the batch
    interrupt,  // the owner ends; the batch is resumed later
    disk_full,  // the disk of the data folder is full; the batch is resumed when there is room
};

class OwnerLink {
 public:
    using OnAlive = std::function<void(std::chrono::steady_clock::time_point lease_until)>;

    OwnerLink(int socket, std::string batch_id, const Redactor& redactor,
              std::function<void(StopReason)> on_stop, OnAlive on_alive = {});
    ~OwnerLink();
    OwnerLink(const OwnerLink&) = delete;
    OwnerLink& operator=(const OwnerLink&) = delete;

    enum class Room { wait, never_wait };
    // Adds to the Change that is sent next, which is soon. Throws what the owner rejected before;
    // the first rejection also calls `on_stop` with `interrupt`, because nothing can be stored any
    // more.
    void edit(const std::function<void(Change&)>& put, Room room = Room::wait);
    // Returns once that Change, and all before it, is durable.
    void editAndWait(const std::function<void(Change&)>& put);
    void flush() {
        editAndWait([](Change&) {});
    }

 private:
    std::uint64_t add(const std::function<void(Change&)>& put);  // returns the id of the Change
    bool sendNow(LinkFrame type, std::string_view payload);
    void redact(Change& change) const;
    void sendLoop(const std::stop_token& stop);
    void receiveLoop();
    void acknowledge(WireReader payload);
    void takeAlive(WireReader payload);
    void throwIfRejected() const;

    // constant after construction
    const int socket_;
    const std::string batch_id_;
    const Redactor& redactor_;
    const std::function<void(StopReason)> on_stop_;
    const OnAlive on_alive_;
    std::atomic<bool> closing_{false};  // own synchronization
    std::mutex send_mutex_;             // a frame is written whole

    std::mutex mutex_;
    // guarded by mutex_
    std::deque<Change> waiting_;  // an event closes its Change: it shows the counts of its moment
    std::size_t edits_ = 0;       // in all of them
    std::size_t bytes_ = 0;       // of the readings and rows in all of them, roughly
    std::size_t last_bytes_ = 0;  // the same of the last of them
    bool urgent_ = false;         // editAndWait() waits for them
    std::uint64_t next_id_ = 1;   // of the first of them
    std::uint64_t acknowledged_ = 0;
    std::exception_ptr rejected_;
    std::condition_variable_any work_;
    std::condition_variable_any acks_;

    std::jthread receiver_;
    std::jthread sender_;
};

}  // namespace sheafline
