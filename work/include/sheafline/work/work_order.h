// What a batch asks of workers on other hosts: which processor, with which params and files, and
// how long a sheet and a lease may take. It stands in Redis as long as the batch's stage lives.
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

// How a worker comes to a sheet's image.
enum class SheetWay {
    either,  // by its path where the worker sees it, else over HTTP
    shared,  // by its path alone
    http,    // from the batch's server alone
};

std::string_view toString(SheetWay way);
SheetWay sheetWay(std::string_view text);  // throws Error (WORK_ORDER)

struct WorkOrder {
    std::string run{};  // one start of the stage: BATCH.EXECUTION.RANDOM
    std::string batch{};
    ProcessorParcel parcel{};
    std::vector<std::string> columns{};  // what the processor has to have
    std::chrono::milliseconds sheet_timeout{30'000};
    std::uint64_t memory_bytes = 0;
    std::chrono::milliseconds lease{30'000};
    SheetWay sheets = SheetWay::either;
};

std::string newRun(const std::string& batch_id, int execution);
std::string batchOf(const std::string& run);

// The fields of its hash, those of the hash with its files, and back. Of an order that another
// version of the program wrote, only who wrote it for which processor is read. Throws Error
// (WORK_ORDER) if something is missing, a file does not have its checksum, or the order is not
// signed with `key`.
std::vector<std::string> fieldsOf(const WorkOrder& order, const WorkKey& key);
std::vector<std::string> fileFieldsOf(const WorkOrder& order);
void signFields(const std::string& run, std::map<std::string, std::string>& fields,
                const WorkKey& key);  // fieldsOf() does it
WorkOrder readOrder(const std::string& run, const std::map<std::string, std::string>& fields,
                    const std::map<std::string, std::string>& files, std::string_view program,
                    const WorkKey& key);

}  // namespace sheafline::work
