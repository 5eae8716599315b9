#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>
#include <sheafline/sqlite/database.h>

namespace sheafline {

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    if (this == &other) return *this;
    reset();
    number_ = other.release();
    return *this;
}

void FileDescriptor::reset() noexcept {
    if (number_ < 0) return;
    const int error_number = errno;
    ::close(number_);  // never again after EINTR: Linux has closed it, and its number may be reused
    errno = error_number;
    number_ = -1;
}

FileDescriptor openFile(const std::filesystem::path& file, int flags, unsigned mode) {
    if (sqlite::isOpenInThisProcess(file)) {
        // Closing this descriptor would drop the locks of SQLite; see sqlite/database.h.
        throw Error(ErrorClass::permanent, "DATABASE_OPEN",
                    file.filename().string() +
                        " is open as a SQLite database in this process; close the database before "
                        "its file is read, copied or registered as an artifact");
    }
    while (true) {
        FileDescriptor opened(::open(file.c_str(), flags | O_CLOEXEC, static_cast<mode_t>(mode)));
        if (opened) return opened;
        if (errno == EINTR) continue;
        throwSystemError(errno, "cannot open " + file.filename().string());
    }
}

}  // namespace sheafline
