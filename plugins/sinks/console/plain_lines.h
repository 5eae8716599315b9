// Lines for a pipe or a log: one for the first and the last event of a stage, and one in between
// whenever 10 % or 10 seconds have passed. One thread.
//
//     12:00:05  processing_sheets   12.0%  Progress: 1368/11404 tasks completed
#pragma once

#include <map>
#include <string>

#include "shown_event.h"
#include "summary.h"

namespace sheafline::console {

class PlainLines {
 public:
    std::string take(const ShownEvent& event);  // the lines to print; may be empty

 private:
    struct Printed {
        double percentage = -1;
        long long elapsed_seconds = 0;
        std::string message{};
    };
    bool isWorthReading(const ShownEvent& event, const Printed& last) const;

    std::map<std::string, Printed> printed_;  // by stage_id
    ExecutionClock clock_;
};

}  // namespace sheafline::console
