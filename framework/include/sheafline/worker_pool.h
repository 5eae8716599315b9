// Worker processes that run one processor over many sheets. Made by StageRun::workers(); used from
// one thread. A worker that dies or overruns the time limit, and a reading with the wrong number of
// values, cost one attempt of one sheet, which goes to another worker; the third such attempt is a
// reason that names the signal or the limit.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <sheafline/export.h>
#include <sheafline/params.h>
#include <sheafline/processor.h>

namespace sheafline {

struct WorkerSpec {
    ProcessorUse processor{};
    int count = 0;  // processes; 0 is one for each core
    std::chrono::milliseconds sheet_timeout{30'000};
    std::uint64_t memory_bytes = 2ULL << 30U;  // resident, for each worker
    int max_attempts = 3;
    bool retry_timeouts = true;  // false: a sheet that overruns its time is quarantined at once
};

struct SheetOutcome {
    SheetTask task{};
    Reading reading{};
    bool attempt_failed = false;  // it is tried again; `reading.reason` says what happened
    bool timed_out = false;       // it overran its time
};

// Everything that another host needs to run a processor as this one does. It has no paths of this
// host for params that name files, and no secrets. Made by StageRun::parcel().
struct ParcelFile {
    std::string name{};  // below the parcel's folder, '/' between the parts
    std::string bytes{};
};

struct ProcessorParcel {
    ProcessorUse processor{};  // a param that names one of `files` starts at the parcel's folder
    std::string version{};     // of its plugin
    std::string program{};     // version of the program
    std::vector<ParcelFile> files{};
};

class SHEAFLINE_API WorkerPool {
 public:
    virtual ~WorkerPool();

    virtual std::vector<std::string> columns() = 0;  // of the processor
    // Takes tasks from `next` until it returns none, and passes each outcome to `done` as it
    // arrives. Both are called on the calling thread. Throws Error of class cancelled when `stop`
    // is requested.
    virtual void run(const std::function<std::optional<SheetTask>()>& next,
                     const std::function<void(const SheetOutcome&)>& done,
                     std::stop_token stop) = 0;
};

}  // namespace sheafline
