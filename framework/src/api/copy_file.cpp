#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/fs.h>
#include <string>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vector>

#include <sheafline/copy_file.h>
#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>

#include "base/file_digest.h"

namespace sheafline {

namespace {

// Small enough that a stop is seen in time.
constexpr std::size_t kSliceBytes = 64U << 20U;
constexpr std::size_t kBufferBytes = 1U << 20U;

// The kernel cannot copy between these two files; read() and write() can.
bool isNotSupported(int error_number) {
    switch (error_number) {
        case EXDEV:       // two file systems (Linux 5.3 to 5.18: of two kinds)
        case EINVAL:      // a file system without it
        case ENOSYS:      // a kernel without it
        case EOPNOTSUPP:  // NFS, some FUSE file systems
        case EPERM:       // a seccomp filter
            return true;
        default:
            return false;
    }
}

// How many bytes the kernel copied before the end of the file, a stop or an error.
std::uint64_t copyInKernel(int from, int to, const std::string& what, const std::stop_token& stop) {
    loff_t offset = 0;
    while (!stop.stop_requested()) {
        const ssize_t count = ::copy_file_range(from, &offset, to, nullptr, kSliceBytes, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && !isNotSupported(errno)) throwSystemError(errno, "cannot copy " + what);
        if (count <= 0) break;
    }
    return static_cast<std::uint64_t>(offset);
}

void writeAll(int to, const char* bytes, std::size_t size, const std::string& what) {
    while (size > 0) {
        const ssize_t count = ::write(to, bytes, size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throwSystemError(errno, "cannot write the copy of " + what);
        bytes += count;
        size -= static_cast<std::size_t>(count);
    }
}

// Some file systems return 0 from copy_file_range() before the end, so this loop finally decides
// where the file ends.
std::uint64_t copyHere(int from, int to, std::uint64_t offset, const std::string& what,
                       const std::stop_token& stop) {
    std::vector<char> buffer(kBufferBytes);
    while (!stop.stop_requested()) {
        const ssize_t count =
            ::pread(from, buffer.data(), buffer.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throwSystemError(errno, "cannot read " + what);
        if (count == 0) break;
        writeAll(to, buffer.data(), static_cast<std::size_t>(count), what);
        offset += static_cast<std::uint64_t>(count);
    }
    return offset;
}

}  // namespace

std::uint64_t copyFile(int from, int to, const std::string& what, const std::stop_token& stop) {
    if (::ioctl(to, FICLONE, from) == 0) {
        const off_t size = ::lseek(to, 0, SEEK_END);
        if (size < 0) throwSystemError(errno, "cannot copy " + what);
        return static_cast<std::uint64_t>(size);
    }
    return copyHere(from, to, copyInKernel(from, to, what, stop), what, stop);
}

void copyFile(const std::filesystem::path& from, const std::filesystem::path& to) {
    const FileDescriptor source = openFile(from, O_RDONLY);
    const FileDescriptor copy = openFile(to, O_WRONLY | O_CREAT | O_TRUNC);
    copyFile(source.get(), copy.get(), from.filename().string());
}

void moveFile(const std::filesystem::path& from, const std::filesystem::path& to) {
    syncFile(from);
    if (::rename(from.c_str(), to.c_str()) == 0) return;
    if (errno != EXDEV) throwSystemError(errno, "cannot rename " + from.filename().string());
    const std::filesystem::path arriving =
        to.parent_path() / ("." + to.filename().string() + ".tmp");
    copyFile(from, arriving);
    syncFile(arriving);
    if (::rename(arriving.c_str(), to.c_str()) != 0) {
        throwSystemError(errno, "cannot rename " + arriving.filename().string());
    }
    if (::unlink(from.c_str()) != 0 && errno != ENOENT) {
        throwSystemError(errno, "cannot remove " + from.filename().string());
    }
}

}  // namespace sheafline
