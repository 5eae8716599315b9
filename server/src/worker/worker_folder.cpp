#include "worker/worker_folder.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

#include <sheafline/error.h>

#include "command_parts/scratch_folder.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

const std::string kPrefix = "sheafline-worker-";

FileDescriptor opened(const fs::path& folder) {
    return FileDescriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

void sweep(const fs::path& place) {
    std::error_code error;
    for (const auto& item : fs::directory_iterator(place, error)) {
        if (!item.path().filename().string().starts_with(kPrefix)) continue;
        const FileDescriptor fd = opened(item.path());
        if (!fd) continue;
        std::error_code ignored;
        if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) fs::remove_all(item.path(), ignored);
    }
}

}  // namespace

WorkerFolder::WorkerFolder(const fs::path& place) {
    const fs::path where = place.empty() ? temporaryPlace() : fs::absolute(place);
    fs::create_directories(where);
    sweep(where);
    std::string name = (where / (kPrefix + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr)
        throwSystemError(errno, "cannot create a folder in " + where.string());
    path_ = name;
    lock_ = opened(path_);
    ::flock(lock_.get(), LOCK_EX);
}

WorkerFolder::~WorkerFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace sheafline
