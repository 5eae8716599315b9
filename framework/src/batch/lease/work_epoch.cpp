#include "batch/lease/work_epoch.h"

#include <fstream>
#include <string>

#include <sheafline/durable_file.h>

namespace sheafline {

std::int64_t lastEpochIn(const std::filesystem::path& folder) {
    std::ifstream in(folder / kEpochFile);
    std::int64_t epoch = 0;
    return in >> epoch ? epoch : 0;
}

void useWorkFolder(const std::filesystem::path& folder, std::int64_t epoch) {
    std::filesystem::create_directories(folder);
    if (epoch == 0) return;
    const std::int64_t last = lastEpochIn(folder);
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
