// part   = the bytes
// offset = durable " " durable LF     how many of them are durable, twice, 20 digits each: less
//                                     than a sector, rewritten in place after each fsync of `part`
#include "uploads/upload_file.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigits = 20;
constexpr std::size_t kMarkBytes = 2 * kDigits + 2;

using Mark = std::array<char, kMarkBytes + 1>;

Mark markOf(std::uint64_t durable) {
    Mark mark{};
    const auto number = static_cast<unsigned long long>(durable);
    std::snprintf(mark.data(), mark.size(), "%020llu %020llu\n", number, number);
    return mark;
}

[[noreturn]] void damaged(const fs::path& folder, const std::string& why) {
    throw Error(ErrorClass::permanent, "UPLOAD_DAMAGED",
                "the upload " + folder.filename().string() + " is damaged: " + why);
}

void writeMark(int fd, std::uint64_t durable) {
    const Mark mark = markOf(durable);
    const ssize_t count = ::pwrite(fd, mark.data(), kMarkBytes, 0);
    if (count != static_cast<ssize_t>(kMarkBytes)) {
        throwSystemError(count < 0 ? errno : EIO, "cannot write the offset of an upload");
    }
    if (::fdatasync(fd) != 0) throwSystemError(errno, "cannot make an offset durable");
}

std::uint64_t readMark(int fd, const fs::path& folder) {
    Mark mark{};
    std::uint64_t durable = 0;
    if (::pread(fd, mark.data(), mark.size(), 0) != static_cast<ssize_t>(kMarkBytes) ||
        std::from_chars(mark.data(), mark.data() + kDigits, durable).ec != std::errc() ||
        mark != markOf(durable)) {
        damaged(folder, "its offset cannot be read");
    }
    return durable;
}

}  // namespace

void UploadFile::create(const fs::path& folder) {
    const FileDescriptor bytes =
        openFile(bytesIn(folder), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW);
    const FileDescriptor mark =
        openFile(folder / "offset", O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW);
    writeMark(mark.get(), 0);
}

void UploadFile::createShared(const fs::path& folder) {
    openFile(bytesIn(folder), O_CREAT | O_WRONLY | O_NOFOLLOW);
    syncFolder(folder);
}

std::uint64_t UploadFile::durableIn(const fs::path& folder) {
    const FileDescriptor mark = openFile(folder / "offset", O_RDONLY | O_NOFOLLOW);
    return readMark(mark.get(), folder);
}

fs::path UploadFile::bytesIn(const fs::path& folder) { return folder / "part"; }

UploadFile::UploadFile(const fs::path& folder)
    : bytes_(openFile(bytesIn(folder), O_RDWR | O_NOFOLLOW)),
      mark_(openFile(folder / "offset", O_RDWR | O_NOFOLLOW)),
      durable_(readMark(mark_.get(), folder)),
      written_(durable_) {
    requireDurableBytes(folder);
    discard();
}

UploadFile::UploadFile(const fs::path& folder, std::uint64_t durable)
    : bytes_(openFile(bytesIn(folder), O_RDWR | O_NOFOLLOW)), durable_(durable), written_(durable) {
    requireDurableBytes(folder);
}

void UploadFile::requireDurableBytes(const fs::path& folder) const {
    struct stat status {};
    if (::fstat(bytes_.get(), &status) != 0) throwSystemError(errno, "cannot check an upload");
    if (static_cast<std::uint64_t>(status.st_size) < durable_) {
        damaged(folder, "bytes that were stored are missing");
    }
}

int UploadFile::write(std::span<const char> bytes) {
    faultPoint("upload.write");
    while (!bytes.empty()) {
        const ssize_t count =
            ::pwrite(bytes_.get(), bytes.data(), bytes.size(), static_cast<off_t>(written_));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EROFS)) return errno;
        if (count < 0) throwSystemError(errno, "cannot write an upload");
        written_ += static_cast<std::uint64_t>(count);
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return 0;
}

void UploadFile::sync() {
    if (written_ == durable_) return;
    // Counts as failed until it is done. A second fsync after a failed one would succeed although
    // data is lost, because the kernel has marked the pages as clean.
    failed_ = true;
    faultPoint("upload.fsync");
    if (::fdatasync(bytes_.get()) != 0) throwSystemError(errno, "cannot make an upload durable");
    faultPoint("upload.mark");
    if (mark_) writeMark(mark_.get(), written_);
    durable_ = written_;
    failed_ = false;
    faultPoint("upload.synced");
}

void UploadFile::discard() {
    if (mark_ && ::ftruncate(bytes_.get(), static_cast<off_t>(durable_)) != 0) {
        throwSystemError(errno, "cannot truncate an upload");
    }
    written_ = durable_;
}

}  // namespace sheafline
