// Streams a finished batch again: it takes the batch in the history of a ReplayFolder back to its
// first event, and adds one event after the other at the times at which they happened, divided by
// the speed. With each event the state, the counts and the stages change in the same transaction,
// so stream, polling and status agree. The events are the stored bytes. Ends with the batch as it
// was.
#pragma once

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <sheafline/log.h>
#include <sheafline/sink.h>
#include <sheafline/sqlite/database.h>

#include "streams/list/list_changes.h"

namespace sheafline {

struct ReplayOrder {
    std::string batch_id{};  // empty: nothing is replayed
    double speed = 1;
};

class Replay {
 public:
    struct Parts {
        std::filesystem::path history{};
        std::string owner_id{};
        Sink& hub;  // takes the events after they are committed
        ListChanges& list;
        Log& log;
    };
    // Takes the batch back to its first event; returns before the second one.
    Replay(ReplayOrder order, const Parts& parts);
    Replay(const Replay&) = delete;
    Replay& operator=(const Replay&) = delete;

 private:
    struct Step {
        CommittedEvent event{};
        std::chrono::duration<double> at{};  // since the first event
    };

    void readSteps();
    void run(const std::stop_token& stop);
    void show(std::size_t number);
    void showBatch(const Step& step, bool last);
    void showStages(const Step& step);

    const ReplayOrder order_;
    const Parts parts_;
    sqlite::Database database_;
    std::vector<Step> steps_{};
    std::string columns_{};  // of the table batches
    std::jthread thread_;    // last: it uses all of the above
};

}  // namespace sheafline
