// Stores why a batch stopped whose process could not store that: the disk or the database rejected
// its changes. One small change may still find room, in the rest of the reserve. Any thread; does
// not throw for a history that cannot be written, and logs it.
#pragma once

#include <cstdint>
#include <exception>
#include <string_view>

#include <sheafline/log.h>

#include "history/history.h"
#include "history/history_reader.h"
#include "owner/disk_reserve.h"

namespace sheafline {

struct RejectionStore {
    History& history;
    DiskReserve& reserve;
    Log& log;
    std::int64_t epoch = 0;  // of the batch's lease
};

// Whether the batch process is not to blame for this error: the batch waits until a person resumes
// it.
bool isOfDisk(std::string_view code);

// Whether descriptors, memory or a lock are missing temporarily; all other errors are permanent.
bool isShortage(const std::exception& error);

// `owner_resumes`: the owner continues the batch by itself, as a server does.
void storeRejection(const BatchRow& batch, const EventError& rejection, bool owner_resumes,
                    const RejectionStore& store);

}  // namespace sheafline
