#include "base/folder_access.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <sheafline/error.h>

namespace sheafline {

namespace {

constexpr mode_t kFolderMode = 0750;
constexpr mode_t kGroupReads = 0050;

[[noreturn]] void throwUnusable(const std::string& what) {
    throw Error(ErrorClass::permanent, "DATA_FOLDER", what);
}

std::optional<gid_t> groupId(const std::string& name) {
    if (name.empty()) return std::nullopt;
    std::vector<char> buffer(16384);
    ::group entry{};
    ::group* found = nullptr;
    if (::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
        found == nullptr)
        throwUnusable("file-group: there is no group '" + name + "'; create it or name another");
    return found->gr_gid;
}

// By name, without following links and without opening: closing a descriptor of a database would
// drop the locks that this process holds on it.
void restrictOne(const std::filesystem::path& path, const std::optional<gid_t>& group) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || S_ISLNK(status.st_mode)) return;
    const bool folder = S_ISDIR(status.st_mode);
    if (group && status.st_gid != *group &&
        ::lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0)
        throwUnusable(path.string() + " cannot be given to the group of file-group: " +
                      std::strerror(errno) + "; add this user to the group");
    mode_t wanted = status.st_mode & kFolderMode;
    if (!folder) wanted &= static_cast<mode_t>(~(S_IXGRP | S_IXUSR));
    if (folder && group) wanted |= S_ISGID | kGroupReads;  // new files belong to the group too
    if (::fchmodat(AT_FDCWD, path.c_str(), wanted, AT_SYMLINK_NOFOLLOW) != 0 && errno != ENOENT)
        throwUnusable("the access to " + path.string() +
                      " cannot be restricted: " + std::strerror(errno));
}

}  // namespace

void restrictAccess(const std::filesystem::path& folder, const std::string& group) {
    const auto id = groupId(group);
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return;
    // The folder of another user is that user's to close, and one with a sticky bit, such as /tmp,
    // is shared on purpose.
    if (status.st_uid != ::geteuid() || (status.st_mode & S_ISVTX) != 0) return;
    const bool closed = (status.st_mode & 07777 & ~(kFolderMode | S_ISGID)) == 0;
    constexpr mode_t kForGroup = S_ISGID | kGroupReads;
    const bool given = !id || (status.st_gid == *id && (status.st_mode & kForGroup) == kForGroup);
    if (closed && given) return;
    std::error_code error;
    for (auto entry = std::filesystem::recursive_directory_iterator(folder, error);
         !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error))
        restrictOne(entry->path(), id);
    if (error) throwUnusable(folder.string() + " cannot be read: " + error.message());
    restrictOne(folder, id);  // last, so that a walk that was interrupted is repeated
}

}  // namespace sheafline
