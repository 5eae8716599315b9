#include "batch/lease/work_epoch.h"

#include <fstream>
#include <string>

#include <sheafline/durable_file.h>

namespace sheafline {

namespace {

constexpr const char* kEpochFile = "epoch";

// 0 if nobody wrote it: the folder is new, or of the time before leases.
std::int64_t lastIn(const std::filesystem::path& folder) {
    std::ifstream in(folder / kEpochFile);
    std::int64_t epoch = 0;
    return in >> epoch ? epoch : 0;
}

}  // namespace

void useWorkFolder(const std::filesystem::path& folder, std::int64_t epoch) {
    std::filesystem::create_directories(folder);
    if (epoch == 0) return;
    const std::int64_t last = lastIn(folder);
    if (last == epoch) return;
    if (last != epoch - 1) {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
    }
    DurableFile file(folder / kEpochFile);
    file.write(std::to_string(epoch) + '\n');
    file.publish();
}

}  // namespace sheafline
