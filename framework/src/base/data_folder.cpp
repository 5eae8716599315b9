#include "base/data_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <Poco/UUIDGenerator.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "base/clocks.h"
#include "base/folder_access.h"
#include "base/folders/epoch_folders.h"
#include "base/url_password.h"

namespace sheafline {

namespace {

struct flock wholeFile(short type) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

OwnerIdentity readIdentity(const std::filesystem::path& file) {
    OwnerIdentity owner;
    std::ifstream in(file);
    std::string pid;
    if (std::getline(in, owner.id) && std::getline(in, pid) && std::getline(in, owner.since)) {
        std::getline(in, owner.command);
        owner.pid = std::atol(pid.c_str());
    }
    return owner;
}

bool writeFromStart(int fd, std::string_view bytes) {
    off_t offset = 0;
    while (!bytes.empty()) {
        const ssize_t count = ::pwrite(fd, bytes.data(), bytes.size(), offset);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        offset += count;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool tryLock(int fd, const std::filesystem::path& file) {
    // A process that a killed owner was starting holds the lock for a moment, until its exec.
    constexpr int kMomentMs = 20;
    for (int tries = 0; tries < 75; ++tries) {
        struct flock lock = wholeFile(F_WRLCK);
        if (::fcntl(fd, F_OFD_SETLK, &lock) == 0) return true;
        const long pid = readIdentity(file).pid;
        const bool dead = pid > 0 && ::kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH;
        if (!dead) return false;
        ::poll(nullptr, 0, kMomentMs);
    }
    return false;
}

[[noreturn]] void reject(const std::string& what, const std::error_code& error) {
    throw Error(ErrorClass::permanent, "DATA_FOLDER",
                what + " cannot be used: " + error.message() +
                    "; give it to this user, or name another folder with --data-dir");
}

[[noreturn]] void rejectStore(const std::filesystem::path& store, const std::error_code& error) {
    throw Error(ErrorClass::permanent, "DATA_FOLDER",
                "the store " + store.string() + " cannot be used: " + error.message() +
                    "; mount its file system and give the folder to this user, or name another "
                    "folder with --store");
}

std::filesystem::path fullPath(const std::filesystem::path& path) {
    return path.empty() ? path : std::filesystem::absolute(path).lexically_normal();
}

std::string firstLineOf(const std::filesystem::path& file) {
    std::string line;
    std::ifstream in(file);
    std::getline(in, line);
    return line;
}

}  // namespace

DataFolder::DataFolder(const std::filesystem::path& data, const std::filesystem::path& work,
                       std::string group)
    : data_(fullPath(data)),
      store_(firstLineOf(storePath())),
      work_(work.empty() ? data_ / "work" : fullPath(work)),
      group_(std::move(group)) {
    if (store_.empty()) store_ = data_;
}

std::filesystem::path DataFolder::batch(std::string_view batch_id) const {
    return store_ / "batches" / batch_id;
}
std::filesystem::path DataFolder::epoch(std::string_view batch_id, std::int64_t epoch) const {
    return epochFolder(batch(batch_id), epoch);
}
std::filesystem::path DataFolder::artifacts(std::string_view batch_id, std::int64_t epoch) const {
    return this->epoch(batch_id, epoch) / kArtifactFolder;
}
std::filesystem::path DataFolder::work(std::string_view batch_id) const { return work_ / batch_id; }

// A folder with other contents keeps its access rights; only our files are added.
bool DataFolder::isOurs() const {
    std::error_code error;
    if (std::filesystem::is_empty(data_, error)) return true;
    return std::ranges::any_of(
        std::to_array({"history.db", "history.url", "owner.lock", "accounts.db"}),
        [&](const char* name) { return std::filesystem::exists(data_ / name, error); });
}

sql::Place DataFolder::history() const { return database("history.db"); }

sql::Place DataFolder::database(std::string_view file) const {
    return {data_ / file, firstLineOf(historyUrl())};
}

void DataFolder::useHistory(const std::string& url) const {
    const sql::Place there = history();
    if (there.url == url) return;
    const bool has_file = std::filesystem::exists(there.file);
    if (has_file || !there.url.empty()) {
        throw Error(ErrorClass::permanent, "DATA_FOLDER",
                    "the data folder " + data_.string() + " belongs to the history in " +
                        (has_file ? "its history.db" : withoutPasswords(there.url)) +
                        ", not to that of --history; name another folder with --data-dir");
    }
    prepare();
    rememberHistory(url);
}

// The URL comes first: while both files are there, it counts.
void DataFolder::moveHistory(const std::string& url) const {
    rememberHistory(url);
    const std::string file = (data_ / "history.db").string();
    for (const char* part : {"-wal", "-shm", ""}) {
        if (std::filesystem::exists(file + part))
            std::filesystem::rename(file + part, file + ".copied" + part);
    }
    syncFolder(data_);
}

void DataFolder::rememberHistory(const std::string& url) const {
    DurableFile file(historyUrl());
    std::filesystem::permissions(historyUrl().string() + ".tmp",  // it contains a password
                                 std::filesystem::perms(0600));
    file.write(url + "\n");
    file.publish();
}

void DataFolder::useStore(const std::filesystem::path& store) {
    const std::filesystem::path wanted = fullPath(store / "").parent_path();
    if (wanted == store_) return;
    std::error_code error;
    if (hasSharedStore()) {
        throw Error(ErrorClass::permanent, "DATA_FOLDER",
                    "the data folder " + data_.string() + " keeps its batches in the store " +
                        store_.string() + ", not in " + wanted.string() +
                        "; leave out --store, or name another folder with --data-dir");
    }
    for (const char* name : {"batches", "uploads"}) {
        const std::filesystem::path files = data_ / name;
        if (!std::filesystem::exists(files, error) || std::filesystem::is_empty(files, error))
            continue;
        throw Error(ErrorClass::permanent, "DATA_FOLDER",
                    files.string() +
                        " has files of batches already; stop the server, move the "
                        "folders batches and uploads and the file store.id from " +
                        data_.string() + " to " + wanted.string() + ", and try again");
    }
    if (std::filesystem::create_directories(wanted, error)) {
        syncFolder(wanted.parent_path());
        restrictAccess(wanted, group_);
    }
    if (error) rejectStore(wanted, error);
    prepare();
    DurableFile file(storePath());
    file.write(wanted.string() + "\n");
    file.publish();
    store_ = wanted;
}

void DataFolder::prepare() const {
    std::error_code error;
    std::filesystem::create_directories(data_, error);
    const bool ours = !error && isOurs();
    // A store that is not mounted is not made: the files of its batches would seem to be lost.
    if (::access(store_.c_str(), R_OK | W_OK | X_OK) != 0 && hasSharedStore())
        rejectStore(store_, {errno, std::generic_category()});
    std::vector<std::filesystem::path> folders{data_, work_};
    if (!hasSharedStore()) folders.push_back(data_ / "batches");
    for (const auto& folder : folders) {
        const bool made = std::filesystem::create_directories(folder, error);
        if (made) syncFolder(folder.parent_path());
        if (!error && ::access(folder.c_str(), R_OK | W_OK | X_OK) != 0)
            error = {errno, std::generic_category()};
        if (error) reject("the data folder " + folder.string(), error);
    }
    if (ours) restrictAccess(data_, group_);
    for (const char* name : {"history.db", "history.db-wal", "history.db-shm", "owner.lock"}) {
        if (::access((data_ / name).c_str(), R_OK | W_OK) != 0 && errno != ENOENT)
            reject((data_ / name).string(), {errno, std::generic_category()});
    }
}

std::optional<OwnerIdentity> currentOwner(const DataFolder& folder) {
    const FileDescriptor file(::open(folder.lockFile().c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return std::nullopt;
    // Only queries the lock, so that a reader can never keep an owner out.
    struct flock lock = wholeFile(F_WRLCK);
    const bool asked = ::fcntl(file.get(), F_OFD_GETLK, &lock) == 0;
    if (!asked || lock.l_type == F_UNLCK) return std::nullopt;
    return readIdentity(folder.lockFile());
}

OwnerLock::OwnerLock(const DataFolder& folder, std::string_view command)
    : file_(openFile(folder.lockFile(), O_RDWR | O_CREAT)) {
    if (!tryLock(file_.get(), folder.lockFile())) {
        const OwnerIdentity holder = readIdentity(folder.lockFile());
        throw Error(ErrorClass::permanent, "DATA_FOLDER_IN_USE",
                    "the data folder " + folder.data().string() + " is in use by pid " +
                        std::to_string(holder.pid) + " since " + holder.since + " (" +
                        holder.command +
                        "); wait for it, stop it, or name another folder with --data-dir");
    }
    identity_ = {.id = Poco::UUIDGenerator::defaultGenerator().createRandom().toString(),
                 .pid = ::getpid(),
                 .since = utcText(wallMs()),
                 .command = std::string(command)};
    std::ostringstream text;
    text << identity_.id << '\n'
         << identity_.pid << '\n'
         << identity_.since << '\n'
         << identity_.command << '\n';
    if (::ftruncate(file_.get(), 0) != 0 || !writeFromStart(file_.get(), text.str()))
        throwSystemError(errno, "cannot write " + folder.lockFile().string());
}

}  // namespace sheafline
