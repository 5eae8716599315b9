#include "archive_copy.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/fs.h>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/stage.h>

namespace sheafline::extract {

namespace {

// Small enough that a stop is seen in time.
constexpr std::uint64_t kSliceBytes = 64ULL << 20U;

// Whether the file systems can share blocks; where they cannot, nothing happened.
bool clone(const ArchiveFile& source, const std::filesystem::path& copy) {
    const int fd = ::open(copy.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0) throwSystemError(errno, "cannot create " + copy.filename().string());
    const bool done = ::ioctl(fd, FICLONE, source.descriptor()) == 0;
    ::close(fd);
    return done;
}

void copyBytes(const ArchiveFile& source, const std::filesystem::path& copy,
               const std::stop_token& stop) {
    const int fd = ::open(copy.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) throwSystemError(errno, "cannot write " + copy.filename().string());
    loff_t offset = 0;
    ssize_t count = 1;
    while (count > 0 && !stop.stop_requested()) {
        count = ::copy_file_range(source.descriptor(), &offset, fd, nullptr, kSliceBytes, 0);
        if (count < 0 && errno == EINTR) count = 1;
    }
    const int error_number = errno;
    ::close(fd);
    throwIfStopped(stop);
    if (count < 0) throwSystemError(error_number, "cannot copy the archive " + source.name());
}

}  // namespace

std::filesystem::path unpublished(const std::filesystem::path& copy) {
    return copy.string() + ".tmp";
}

std::unique_ptr<DurableFile> copyArchive(const ArchiveFile& source,
                                         const std::filesystem::path& copy,
                                         const std::stop_token& stop) {
    const std::filesystem::path temporary = unpublished(copy);
    if (!clone(source, temporary)) copyBytes(source, temporary, stop);
    faultPoint("extract.copy");
    return std::make_unique<DurableFile>(copy, source.size());
}

}  // namespace sheafline::extract
