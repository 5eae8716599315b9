#include "archive_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <sheafline/error.h>

namespace sheafline::extract {

ArchiveFile::ArchiveFile(const std::filesystem::path& path, std::string name)
    : name_(std::move(name)),
      // O_NONBLOCK: open() of a named pipe would wait until another program writes to it.
      file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {
    if (!file_) throwSystemError(errno, "cannot open the archive " + name_);
    struct stat status {};
    const bool known = ::fstat(file_.get(), &status) == 0;
    if (!known || !S_ISREG(status.st_mode)) {
        throw Error(ErrorClass::permanent, "ARCHIVE_NOT_ZIP",
                    name_ + " is not a file; give the path of a ZIP archive");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
}

std::vector<std::uint8_t> ArchiveFile::read(std::uint64_t offset, std::size_t length) const {
    std::vector<std::uint8_t> bytes(length);
    std::size_t done = 0;
    while (done < length) {
        const ssize_t count = ::pread(file_.get(), bytes.data() + done, length - done,
                                      static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throwSystemError(errno, "cannot read the archive " + name_);
        if (count == 0) throwTruncated(name_);
        done += static_cast<std::size_t>(count);
    }
    return bytes;
}

void throwTruncated(const std::string& name) {
    throw Error(ErrorClass::permanent, "ARCHIVE_TRUNCATED",
                name + " is cut off; send the whole file again");
}

}  // namespace sheafline::extract
