#include "backup/data_copy.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <system_error>
#include <utility>

#include <sheafline/copy_file.h>
#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/sqlite/database.h>

#include "base/clocks.h"
#include "base/file_digest.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostOpened = 200;  // descriptors at a time
// The clock of a file system is coarse: a file that was written just now may change again within
// the same tick, so it counts as changed.
constexpr std::int64_t kFreshNs = 2'000'000'000;

std::int64_t nsOf(const timespec& time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// At the top of the data folder.
bool isLeftOut(const std::string& name) {
    constexpr auto kNames = std::to_array<std::string_view>(
        {"history.db", "work", "owner.lock", "owner.sock", "reserve"});
    return std::ranges::find(kNames, name) != kNames.end() ||
           name.find(".corrupt-") != std::string::npos ||
           name.find(".version-") != std::string::npos || name.find(".new-") != std::string::npos;
}

// What was not copied because it is gone was deleted meanwhile.
bool isGone(const Error& error) { return error.code() == "NOT_FOUND"; }

}  // namespace

DataCopy::DataCopy(fs::path from, fs::path to) : from_(std::move(from)), to_(std::move(to)) {}

bool DataCopy::isDatabase(const std::string& path) const {
    std::array<char, 16> head{};
    std::ifstream(from_ / path, std::ios::binary).read(head.data(), head.size());
    return std::string_view(head.data(), head.size()) == std::string_view("SQLite format 3\0", 16);
}

std::map<std::string, DataCopy::Stamp> DataCopy::listed() const {
    std::map<std::string, Stamp> all;
    const auto add = [&](const fs::path& file) {
        struct stat status {};
        if (::lstat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
        Stamp stamp{.inode = status.st_ino,
                    .bytes = static_cast<std::uint64_t>(status.st_size),
                    .changed_ns = std::max(nsOf(status.st_mtim), nsOf(status.st_ctim))};
        if (::stat((file.string() + "-wal").c_str(), &status) == 0)
            stamp.side_ns = nsOf(status.st_mtim);
        all.emplace(fs::relative(file, from_).string(), stamp);
    };
    std::error_code error;
    for (const auto& top : fs::directory_iterator(from_)) {
        if (isLeftOut(top.path().filename().string())) continue;
        add(top.path());
        if (!top.is_directory(error) || top.is_symlink(error)) continue;
        // A folder that is deleted while it is read ends the loop.
        for (auto it = fs::recursive_directory_iterator(
                 top.path(), fs::directory_options::skip_permission_denied, error);
             !error && it != fs::recursive_directory_iterator(); it.increment(error))
            add(it->path());
    }
    // Parts of a database that SQLite itself reads.
    std::erase_if(all, [&](const auto& item) {
        const std::string& path = item.first;
        return std::ranges::any_of(
            std::to_array<std::string_view>({"-wal", "-shm", "-journal"}),
            [&](std::string_view end) {
                return path.ends_with(end) &&
                       (all.contains(path.substr(0, path.size() - end.size())) ||
                        path.starts_with("history.db"));
            });
    });
    return all;
}

std::vector<std::string> DataCopy::changed(const std::map<std::string, Stamp>& now) const {
    std::vector<std::string> paths;
    for (const auto& [path, stamp] : now) {
        const auto known = copied_.find(path);
        if (known == copied_.end() || known->second != stamp) paths.push_back(path);
    }
    // The number of durable bytes of an upload before its bytes: there may be more of these.
    std::stable_partition(paths.begin(), paths.end(),
                          [](const std::string& path) { return path.ends_with("/offset"); });
    return paths;
}

void DataCopy::copyOpened(const std::string& path, int file) {
    const fs::path target = to_ / path;
    createFolders(target.parent_path());
    const FileDescriptor copy = openFile(target, O_CREAT | O_TRUNC | O_RDWR | O_NOFOLLOW, 0600);
    copyFile(file, copy.get(), (from_ / path).string());
    if (::fsync(copy.get()) != 0) throwSystemError(errno, "cannot write " + target.string());
    faultPoint("backup.copied");
}

void DataCopy::copy(const std::string& path, const Stamp& stamp, std::int64_t listed_ms) {
    try {
        if (isDatabase(path)) {
            createFolders((to_ / path).parent_path());
            fs::remove(to_ / path);
            sqlite::Database(from_ / path, {.mode = sqlite::OpenMode::read_only})
                .copyTo(to_ / path);
            syncFile(to_ / path);
        } else {
            const FileDescriptor file = openFile(from_ / path, O_RDONLY | O_NOFOLLOW);
            copyOpened(path, file.get());
        }
    } catch (const Error& error) {
        if (!isGone(error) && fs::exists(from_ / path)) throw;
        fs::remove(to_ / path);
        return;
    }
    const bool fresh = listed_ms * 1'000'000 - stamp.changed_ns < kFreshNs;
    copied_[path] = fresh ? Stamp{} : stamp;
}

void DataCopy::pass() {
    const std::int64_t listed_ms = wallMs();
    const auto now = listed();
    for (const std::string& path : changed(now)) copy(path, now.at(path), listed_ms);
}

bool DataCopy::freeze() {
    const std::int64_t listed_ms = wallMs();
    const auto now = listed();
    const auto paths = changed(now);
    if (paths.size() > kMostOpened) return false;
    opened_.clear();
    for (const auto& [path, stamp] : std::map(copied_)) {
        if (now.contains(path)) continue;  // deleted since it was copied
        fs::remove(to_ / path);
        copied_.erase(path);
    }
    for (const std::string& path : paths) {
        if (isDatabase(path)) {
            copy(path, now.at(path), listed_ms);
            continue;
        }
        try {
            opened_.push_back({path, openFile(from_ / path, O_RDONLY | O_NOFOLLOW)});
        } catch (const Error& error) {
            if (!isGone(error)) throw;
        }
    }
    return true;
}

void DataCopy::finish() {
    for (const Opened& opened : opened_) {
        copyOpened(opened.path, opened.file.get());
        copied_[opened.path] = {};
    }
    opened_.clear();
}

std::vector<BackupFile> DataCopy::files() const {
    std::vector<BackupFile> files;
    for (const auto& [path, stamp] : copied_) {
        struct stat status {};
        const fs::path copy = to_ / path;
        if (!fs::exists(copy)) continue;
        BackupFile file{.path = path, .size = fs::file_size(copy), .sha256 = sha256OfFile(copy)};
        if (::stat((from_ / path).c_str(), &status) == 0) file.mode = status.st_mode & 0777U;
        files.push_back(std::move(file));
    }
    return files;
}

}  // namespace sheafline
