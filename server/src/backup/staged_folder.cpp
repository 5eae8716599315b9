#include "backup/staged_folder.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>

namespace sheafline {

namespace {

namespace fs = std::filesystem;

// "backup/" has an empty last part; its sibling would be inside it.
fs::path withoutSlash(const fs::path& path) {
    const fs::path full = fs::absolute(path).lexically_normal();
    return full.has_filename() ? full : full.parent_path();
}

}  // namespace

StagedFolder::StagedFolder(const fs::path& target)
    : target_(withoutSlash(target)), staging_(target_.string() + ".partial") {
    requireFree();
    createFolders(target_.parent_path());
    takeLock();
    requireFree();  // again: another process may have published it just now
    for (const auto& left : fs::directory_iterator(staging_)) fs::remove_all(left.path());
}

StagedFolder::~StagedFolder() {
    std::error_code ignored;
    if (!published_) fs::remove_all(staging_, ignored);
}

void StagedFolder::requireFree() const {
    std::error_code error;
    const auto status = fs::symlink_status(target_, error);
    if (status.type() == fs::file_type::not_found) return;
    const bool empty = fs::is_directory(status) && fs::is_empty(target_, error);
    if (!empty || error) {
        throw ConfigError(target_.string() +
                          " exists and is not an empty folder; name another one, or move it away");
    }
}

void StagedFolder::takeLock() {
    if (::mkdir(staging_.c_str(), 0700) != 0 && errno != EEXIST)
        throwSystemError(errno, "cannot make the folder " + staging_.string());
    lock_ = openFile(staging_, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    struct stat locked {};
    struct stat named {};
    const bool free = ::flock(lock_.get(), LOCK_EX | LOCK_NB) == 0 &&
                      ::fstat(lock_.get(), &locked) == 0 && ::stat(staging_.c_str(), &named) == 0 &&
                      locked.st_ino == named.st_ino;
    if (!free) {
        throw ConfigError("another process writes to " + staging_.string() +
                          " now; wait for it, or name another folder");
    }
}

void StagedFolder::publish() {
    for (const auto& item : fs::recursive_directory_iterator(staging_)) {
        if (item.is_directory() && !item.is_symlink()) syncFolder(item.path());
    }
    syncFolder(staging_);
    faultPoint("backup.publish");
    // An empty folder may have the name: rename() replaces it.
    if (::rename(staging_.c_str(), target_.c_str()) != 0)
        throwSystemError(errno, "cannot rename " + staging_.string() + " to " + target_.string());
    published_ = true;
    syncFolder(target_.parent_path());
}

}  // namespace sheafline
