#include "batch/lease/left_work.h"

#include "base/sql/statement.h"
#include "batch/lease/work_epoch.h"

namespace sheafline {

namespace {

constexpr const char* kAside = ".left";  // no batch id has a dot

}  // namespace

// Other programs may use the folder, too: only what has the file of an epoch is of a batch.
std::vector<std::string> leftWork(const DataFolder& folder, sql::Database& history) {
    std::vector<std::string> left;
    sql::Statement known(history,
                         "SELECT coalesce(l.epoch, 0) FROM batches b LEFT JOIN leases l ON l.name "
                         "= 'batch/' || b.batch_id WHERE b.batch_id = ?1");
    std::error_code error;
    for (std::filesystem::directory_iterator work(folder.work(""), error), end; work != end;
         work.increment(error)) {
        const std::int64_t epoch = lastEpochIn(work->path());
        if (epoch == 0) continue;
        const std::string id = work->path().filename();
        known.bind(1, id);
        if (!known.step() || known.integer(0) > epoch) left.push_back(id);
        known.reset();
    }
    return left;
}

std::filesystem::path asideOf(const std::filesystem::path& work) {
    return work.extension() == kAside ? work : std::filesystem::path(work.string() + kAside);
}

void removeLeftWork(const std::filesystem::path& aside) {
    for (const auto& entry : std::filesystem::directory_iterator(aside)) {
        if (entry.path().filename() != kEpochFile) std::filesystem::remove_all(entry.path());
    }
    std::filesystem::remove_all(aside);
}

}  // namespace sheafline
