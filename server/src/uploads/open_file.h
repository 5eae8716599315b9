// A file descriptor that is closed when it goes out of scope. The file is opened without following
// a symbolic link in its last part, and is not inherited by programs that we start.
#pragma once

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

#include <sheafline/error.h>

namespace sheafline {

class OpenFile {
 public:
    // Throws Error where it cannot be opened.
    OpenFile(const std::filesystem::path& file, int flags, mode_t mode = 0640)
        : fd_(::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode)) {
        if (fd_ < 0) throwSystemError(errno, "cannot open " + file.filename().string());
    }
    ~OpenFile() { ::close(fd_); }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    int fd() const { return fd_; }

 private:
    int fd_;
};

}  // namespace sheafline
