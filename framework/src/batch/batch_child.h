// The process of one batch: reads the batch from the history, runs its stages, and reports to the
// owner.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/data_folder.h"
#include "base/stderr_log.h"

namespace sheafline {

struct BatchChildOptions {
    std::filesystem::path data_folder{};
    std::filesystem::path work_folder{};
    std::vector<std::filesystem::path> plugin_folders{};
    std::string batch_id{};
    std::string resumed_because{};
    LogSettings log{};
    bool owner_resumes = false;                // a server resumes it; otherwise a person does
    std::int64_t epoch = 0;                    // of the batch's lease; 0: it has none
    std::uint64_t memory_bytes = 4ULL << 30U;  // held by the owner; not handed on
};

std::vector<std::string> argumentsOf(
    const BatchChildOptions& options);  // of the hidden command `batch-process`
BatchChildOptions batchChildOptions(const std::vector<std::string>& arguments);

int runBatchChild(const BatchChildOptions& options);  // returns the exit status

}  // namespace sheafline
