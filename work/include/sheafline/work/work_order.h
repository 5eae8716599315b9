// The order of a batch to workers on other hosts: the processor with its params and files, and the
// time limits for a sheet and a lease. It is in Redis while the batch's stage runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/redis/script.h>
#include <sheafline/work/work_key.h>
#include <sheafline/worker_pool.h>

namespace sheafline::work {

// How a worker gets a sheet's image.
enum class SheetWay {
    either,  // by its path if the worker has the file, otherwise over HTTP
    shared,  // only by its path
    http,    // only from the batch's server
};

std::string_view toString(SheetWay way);
SheetWay sheetWay(std::string_view text);  // throws Error (WORK_ORDER)

struct WorkOrder {
    std::string run{};  // one start of the stage: BATCH.EXECUTION.RANDOM
    std::string batch{};
    ProcessorParcel parcel{};
    std::vector<std::string> columns{};  // the columns that the processor must have
    std::chrono::milliseconds sheet_timeout{30'000};
    std::uint64_t memory_bytes = 0;
    std::chrono::milliseconds lease{30'000};
    SheetWay sheets = SheetWay::either;
};

std::string newRun(const std::string& batch_id, int execution);
std::string batchOf(const std::string& run);

// The fields of its hash, those of the hash with its files, and back. From an order of another
// program version, only the version and the processor are read. Throws Error (WORK_ORDER) if
// something is missing, a file does not have its checksum, or the order is not signed with `key`.
std::vector<std::string> fieldsOf(const WorkOrder& order, const WorkKey& key);
std::vector<std::string> fileFieldsOf(const WorkOrder& order);
void signFields(const std::string& run, std::map<std::string, std::string>& fields,
                const WorkKey& key);  // fieldsOf() does it
WorkOrder readOrder(const std::string& run, const std::map<std::string, std::string>& fields,
                    const std::map<std::string, std::string>& files, std::string_view program,
                    const WorkKey& key);

}  // namespace sheafline::work
