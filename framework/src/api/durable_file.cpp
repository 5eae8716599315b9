#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>

namespace sheafline {

namespace {

std::filesystem::path temporary(const std::filesystem::path& path) {
    return path.parent_path() / (path.filename().string() + ".tmp");
}

}  // namespace

DurableFile::DurableFile(std::filesystem::path path, std::uint64_t keep_bytes)
    : path_(std::move(path)),
      fd_(::open(temporary(path_).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0640)),
      size_(keep_bytes) {
    if (fd_ < 0) throwSystemError(errno, "cannot create " + path_.filename().string());
    const off_t length = ::lseek(fd_, 0, SEEK_END);
    if (length < 0 || static_cast<std::uint64_t>(length) < keep_bytes) {
        ::close(fd_);
        throw Error(ErrorClass::permanent, "FILE_TRUNCATED",
                    path_.filename().string() + ".tmp is shorter than its checkpoint says");
    }
    if (::ftruncate(fd_, static_cast<off_t>(keep_bytes)) != 0 || ::lseek(fd_, 0, SEEK_END) < 0) {
        const int error_number = errno;
        ::close(fd_);
        throwSystemError(error_number, "cannot cut " + path_.filename().string() + ".tmp");
    }
}

DurableFile::~DurableFile() {
    if (fd_ >= 0) ::close(fd_);
}

void DurableFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throwSystemError(errno, "cannot write " + path_.filename().string());
        size_ += static_cast<std::uint64_t>(count);
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void DurableFile::sync() {
    faultPoint("file.fsync");
    // A failed fsync may have thrown the bytes away and marks them clean: asking again would lie.
    if (::fsync(fd_) != 0)
        throwSystemError(errno, "cannot make " + path_.filename().string() + " durable");
}

void DurableFile::publish() {
    sync();
    faultPoint("file.rename");
    if (::rename(temporary(path_).c_str(), path_.c_str()) != 0) {
        throwSystemError(errno, "cannot rename " + path_.filename().string() + ".tmp");
    }
    syncFolder(path_.parent_path());
    faultPoint("file.published");
}

void syncFolder(const std::filesystem::path& folder) {
    // The parent of a name without folders is the folder that we are in.
    const int fd =
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) throwSystemError(errno, "cannot open the folder " + folder.filename().string());
    const int result = ::fsync(fd);
    const int error_number = errno;
    ::close(fd);
    if (result != 0)
        throwSystemError(error_number,
                         "cannot make the folder " + folder.filename().string() + " durable");
}

}  // namespace sheafline
