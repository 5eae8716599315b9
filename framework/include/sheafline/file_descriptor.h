// Owns a file descriptor: a file, a socket, a pipe, an eventfd. The destructor closes it. Movable,
// not copyable. One thread at a time.
//
//     const FileDescriptor file = openFile(folder / "list.txt", O_RDONLY);
//     ::read(file.get(), buffer.data(), buffer.size());
#pragma once

#include <filesystem>
#include <utility>

#include <sheafline/export.h>

namespace sheafline {

class SHEAFLINE_API FileDescriptor {
 public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) noexcept : number_(number) {}  // -1: owns nothing
    FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor() { reset(); }

    int get() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }
    int release() noexcept { return std::exchange(number_, -1); }  // the caller closes it
    void reset() noexcept;                                         // closes it now; keeps errno

 private:
    int number_ = -1;
};

// Opens a file that started programs do not inherit. `flags` and `mode` are those of open(2); add
// O_NOFOLLOW if the last part of the path must not be a symbolic link. Throws Error, with a code
// such as NOT_FOUND or DISK_FULL, that names the file; DATABASE_OPEN for a file that this process
// has open as a sqlite::Database, because its locks would be lost.
SHEAFLINE_API FileDescriptor openFile(const std::filesystem::path& file, int flags,
                                      unsigned mode = 0640);

}  // namespace sheafline
