// The last line of a batch: "Completed in 3 min 05 s: 11404 sheets, 11390 read, 14 quarantined". Of
// a later execution: "Completed execution 2 in 14 s, 3 min 05 s after the batch was created: …".
#pragma once

#include <string>

#include "shown_event.h"

namespace sheafline::console {

// When the current execution began. `elapsed_seconds` of events counts from the creation of the
// batch, which is hours before a later execution.
class ExecutionClock {
 public:
    void take(const ShownEvent& event) {
        if (event.execution == execution_) return;
        execution_ = event.execution;
        began_seconds_ = event.elapsed_seconds;
    }
    long long secondsUntil(const ShownEvent& event) const {
        return event.elapsed_seconds - began_seconds_;
    }

 private:
    long long execution_ = 0;
    long long began_seconds_ = 0;
};

std::string summary(const ShownEvent& final_event, const ExecutionClock& clock);

}  // namespace sheafline::console
