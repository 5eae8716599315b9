// Reports the progress of a stage. Publishing is cheap and never waits: only some events are
// committed (one after 0.2 % and 100 ms, or after 5 s, and always the first and the last), so a
// million calls a second do no harm. Invalid values (more than 100 %, NaN, invalid UTF-8) are
// corrected and counted.
//
//     run.progress().publish({.message = "Progress: 1368/11404 tasks completed", .done = 1368,
//     .total = 11404});
#pragma once

#include <string>
#include <string_view>

#include <sheafline/export.h>

namespace sheafline {

// The stages that clients know; a plugin for other work uses a name that it chooses.
enum class ProcessingStage {
    queued,
    uploading,
    extracting,
    organizing_qr,
    processing_sheets,
    collecting_results,
    generating_csv,
    loading_database,
    cleanup,
    completed,
    failed,
    cancelled,
};

SHEAFLINE_API std::string_view toString(ProcessingStage stage);

enum class EventKind {
    periodic,  // dropped if they come too fast
    step,      // one of a counted series (a group, a chunk): each is kept up to 200 in a stage run
};

struct ProgressEvent {
    std::string message{};
    double done = 0;   // in the unit of the stage: sheets, bytes, rows
    double total = 0;  // 0 while unknown; done == total is 100 %
    EventKind kind = EventKind::periodic;
};

// Thread-safe.
class SHEAFLINE_API ProgressPublisher {
 public:
    virtual ~ProgressPublisher();

    virtual void publish(ProgressEvent event) = 0;         // any thread, never waits
    virtual void publishAndWait(ProgressEvent event) = 0;  // returns once the event is committed
};

}  // namespace sheafline
