#include "archive_copy.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <sheafline/copy_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/stage.h>

namespace sheafline::extract {

namespace {

class NewFile {
 public:
    explicit NewFile(const std::filesystem::path& path)
        : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640)) {
        if (fd_ < 0) throwSystemError(errno, "cannot create " + path.filename().string());
    }
    ~NewFile() { ::close(fd_); }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    int descriptor() const { return fd_; }

 private:
    const int fd_;
};

}  // namespace

std::filesystem::path unpublished(const std::filesystem::path& copy) {
    return copy.string() + ".tmp";
}

std::unique_ptr<DurableFile> copyArchive(const ArchiveFile& source,
                                         const std::filesystem::path& copy,
                                         const std::stop_token& stop) {
    {
        const NewFile target(unpublished(copy));
        const std::uint64_t copied = copyFile(source.descriptor(), target.descriptor(),
                                              "the archive " + source.name(), stop);
        throwIfStopped(stop);
        if (copied < source.size()) throwTruncated(source.name());
    }
    faultPoint("extract.copy");
    return std::make_unique<DurableFile>(copy, source.size());
}

}  // namespace sheafline::extract
