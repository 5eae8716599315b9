#include <cerrno>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/file_descriptor.h>

namespace sheafline {

namespace {

std::filesystem::path temporary(const std::filesystem::path& path) {
    return path.parent_path() / (path.filename().string() + ".tmp");
}

}  // namespace

DurableFile::DurableFile(std::filesystem::path path, std::uint64_t keep_bytes)
    : path_(std::move(path)),
      file_(openFile(temporary(path_), O_CREAT | O_WRONLY)),
      size_(keep_bytes) {
    const off_t length = ::lseek(file_.get(), 0, SEEK_END);
    if (length < 0 || static_cast<std::uint64_t>(length) < keep_bytes) {
        throw Error(ErrorClass::permanent, "FILE_TRUNCATED",
                    path_.filename().string() + ".tmp has " + std::to_string(length) +
                        " bytes, but its checkpoint says " + std::to_string(keep_bytes));
    }
    if (::ftruncate(file_.get(), static_cast<off_t>(keep_bytes)) != 0 ||
        ::lseek(file_.get(), 0, SEEK_END) < 0)
        throwSystemError(errno, "cannot truncate " + path_.filename().string() + ".tmp");
}

// Sets the state to `failed` until the caller has succeeded and sets it again.
void DurableFile::require(State state) {
    if (state_ == state) {
        state_ = State::failed;
        return;
    }
    const std::string name = path_.filename().string();
    if (state_ == State::published)
        throw Error(ErrorClass::permanent, "FILE_PUBLISHED", name + " is already published");
    throw Error(ErrorClass::permanent, "FILE_GIVEN_UP",
                name +
                    " was given up after a failed write or fsync; its bytes on the disk are "
                    "unknown. Start over from the last checkpoint");
}

void DurableFile::write(std::string_view bytes) {
    require(State::open);
    while (!bytes.empty()) {
        const ssize_t count = ::write(file_.get(), bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throwSystemError(errno, "cannot write " + path_.filename().string());
        size_ += static_cast<std::uint64_t>(count);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    state_ = State::open;
}

void DurableFile::sync() {
    require(State::open);
    faultPoint("file.fsync");
    // After a failed fsync the kernel may have dropped the bytes and marked them clean. A second
    // fsync would then succeed without writing anything.
    if (::fsync(file_.get()) != 0)
        throwSystemError(errno, "cannot make " + path_.filename().string() + " durable");
    state_ = State::open;
}

void DurableFile::publish() {
    sync();
    require(State::open);
    faultPoint("file.rename");
    if (::rename(temporary(path_).c_str(), path_.c_str()) != 0) {
        throwSystemError(errno, "cannot rename " + path_.filename().string() + ".tmp");
    }
    syncFolder(path_.parent_path());
    state_ = State::published;
    faultPoint("file.published");
}

void syncFolder(const std::filesystem::path& folder) {
    // The parent of a name without folders is the current folder.
    const FileDescriptor opened =
        openFile(folder.empty() ? std::filesystem::path(".") : folder, O_RDONLY | O_DIRECTORY);
    if (::fsync(opened.get()) != 0)
        throwSystemError(errno,
                         "cannot create the folder " + folder.filename().string() + " durable");
}

void createFolders(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> missing;  // the innermost first
    for (auto at = folder; !at.empty() && !std::filesystem::exists(at); at = at.parent_path())
        missing.push_back(at);
    std::filesystem::create_directories(folder);
    while (!missing.empty()) {
        syncFolder(missing.back().parent_path());
        missing.pop_back();
    }
}

}  // namespace sheafline
