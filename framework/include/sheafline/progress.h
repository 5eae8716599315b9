// How a stage reports its progress. Publishing is cheap and never waits: events are thinned before
// they are committed (one when 0.2 % moved and 100 ms passed, or 5 s passed, and always the first
// and the last), so a million calls a second are harmless. Whatever is passed is made safe: a share
// beyond 100 %, NaN and malformed UTF-8 are made valid and counted.
//
//     run.progress().publish({.message = "Progress: 1368/11404 tasks completed", .done = 1368,
//     .total = 11404});
#pragma once

#include <string>
#include <string_view>

#include <sheafline/export.h>

namespace sheafline {

// The stages that clients know; a plugin for other work defines its own name.
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
    double done = 0;   // in the unit that the stage counts: sheets, bytes
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
