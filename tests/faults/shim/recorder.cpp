#include "recorder.h"

#include <array>
#include <climits>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "shim_plan.h"

namespace sheafline::shim {

namespace {

// Opened once and kept open, by a direct system call, so that it does not count as a call of the
// program.
int logFile() {
    static const int fd =
        static_cast<int>(::syscall(SYS_openat, AT_FDCWD, plan().record_file.c_str(),
                                   O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    return fd;
}

void append(Header header, std::string_view path, std::string_view other, std::string_view data) {
    header.path_bytes = static_cast<std::uint32_t>(path.size());
    header.other_bytes = static_cast<std::uint32_t>(other.size());
    header.data_bytes = data.size();
    std::string record(reinterpret_cast<const char*>(&header), sizeof header);
    record.append(path).append(other).append(data);
    const long count = ::syscall(SYS_write, logFile(), record.data(), record.size());
    if (count != static_cast<long>(record.size())) ::_exit(70);  // a log with gaps proves nothing
}

}  // namespace

bool recording() { return !plan().record_file.empty(); }

std::string pathOf(int fd) {
    std::array<char, PATH_MAX> path{};
    const std::string name = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = ::readlink(name.c_str(), path.data(), path.size());
    return size > 0 && path[0] == '/' ? std::string(path.data(), static_cast<std::size_t>(size))
                                      : std::string();
}

std::string fullPath(int folder, const char* path) {
    if (path[0] == '/') return path;
    std::array<char, PATH_MAX> here{};
    const std::string base =
        folder == AT_FDCWD
            ? std::string(::getcwd(here.data(), here.size()) == nullptr ? "" : here.data())
            : pathOf(folder);
    return base + '/' + path;
}

bool isBelowRoot(const std::string& path) {
    const std::string& root = plan().root;
    return !root.empty() && path.size() > root.size() && path.compare(0, root.size(), root) == 0 &&
           path[root.size()] == '/';
}

void recordPath(Op op, const std::string& path, const std::string& other) {
    if (!isBelowRoot(path) && path != plan().root) return;
    struct stat status {};
    ::lstat(other.empty() ? path.c_str() : other.c_str(), &status);
    append({.op = op, .inode = status.st_ino}, path, other, {});
}

void recordFile(Op op, int fd, std::uint64_t offset, std::string_view data) {
    const std::string path = pathOf(fd);
    if (!isBelowRoot(path) && path != plan().root) return;
    struct stat status {};
    if (::fstat(fd, &status) != 0) return;
    const bool folder = S_ISDIR(status.st_mode);
    append({.op = folder ? Op::entries : op, .inode = status.st_ino, .offset = offset}, path, {},
           data);
}

void recordShown(std::string_view text) { append({.op = Op::shown}, {}, {}, text); }

}  // namespace sheafline::shim
