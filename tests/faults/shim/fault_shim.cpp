// A library for LD_PRELOAD between a program and its disk and memory: it fails the calls that a
// test names (shim_plan.h), and records the calls of the program (recorder.h).
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "recorder.h"
#include "shim_plan.h"

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the C library's names are __fd
// NOLINTBEGIN(bugprone-reserved-identifier): the C library's own allocator is called so

#define SHIM_EXPORT extern "C" __attribute__((visibility("default")))

using namespace sheafline::shim;

extern "C" void* __libc_malloc(std::size_t size);

namespace {

template <typename Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool exists(const std::string& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0;
}

// The shim's own calls must not change errno.
class KeepErrno {
 public:
    ~KeepErrno() { errno = before_; }
    KeepErrno() = default;
    KeepErrno(const KeepErrno&) = delete;
    KeepErrno& operator=(const KeepErrno&) = delete;

 private:
    const int before_ = errno;
};

// How this call must fail: an errno, or 0.
int failureOf(const char* call, const std::string& path, bool writes) {
    const KeepErrno keep;
    Plan& plan = ::plan();
    if (plan.fail_call.empty() && plan.switch_file.empty()) return 0;
    if (!isBelowRoot(path)) return 0;
    if (writes && !plan.switch_file.empty() && exists(plan.switch_file)) return plan.switch_errno;
    if (plan.fail_call != call || path.find(plan.fail_part) == std::string::npos) return 0;
    const long number = ++plan.calls;
    return number < plan.fail_at || (number > plan.fail_at && !plan.fail_on) ? 0 : plan.fail_errno;
}

bool fails(const char* call, const std::string& path, bool writes) {
    const int error_number = failureOf(call, path, writes);
    if (error_number != 0) errno = error_number;
    return error_number != 0;
}

bool watched() {
    const Plan& plan = ::plan();
    return !plan.fail_call.empty() || !plan.switch_file.empty();
}

std::string quietPathOf(int fd) {
    const KeepErrno keep;
    return pathOf(fd);
}

bool failsFile(const char* call, int fd, bool writes) {
    return watched() && fails(call, quietPathOf(fd), writes);
}

// 0: interrupted by a signal. Otherwise the part of the call that is done, usually all of it.
std::size_t shortened(int fd, std::size_t size) {
    static std::atomic<unsigned> state{::plan().short_seed};
    if (::plan().short_seed == 0 || size < 2 || !isBelowRoot(quietPathOf(fd))) return size;
    const unsigned dice = (state = state * 1664525U + 1013904223U) >> 8U;
    if (dice % 4 == 0) return 0;
    return dice % 4 == 1 ? 1 + dice % size : size;
}

bool interrupted(std::size_t& size, int fd) {
    const std::size_t allowed = shortened(fd, size);
    if (allowed == 0 && size > 0) {
        errno = EINTR;
        return true;
    }
    size = allowed;
    return false;
}

int opened(int fd, const std::string& path, int flags) {
    if (fd >= 0 && recording() && (flags & (O_CREAT | O_TRUNC)) != 0 && isBelowRoot(path))
        recordFile(Op::create, fd, (flags & O_TRUNC) != 0 ? 1 : 0);
    return fd;
}

int openFile(const char* name, int folder, const char* path, int flags, mode_t mode) {
    static auto* const real = next<int(int, const char*, int, ...)>("openat");
    if (!::plan().boot_id_file.empty() && std::strcmp(path, "/proc/sys/kernel/random/boot_id") == 0)
        return real(AT_FDCWD, ::plan().boot_id_file.c_str(), O_RDONLY | O_CLOEXEC, 0);
    if (!watched() && !recording()) return real(folder, path, flags, mode);
    const std::string full = fullPath(folder, path);
    const bool writes = (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_ACCMODE) != O_RDONLY;
    if (fails(name, full, writes)) return -1;
    return opened(real(folder, path, flags, mode), full, flags);
}

mode_t modeOf(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

off_t positionOf(int fd) {
    const int flags = ::fcntl(fd, F_GETFL);
    return ::lseek(fd, 0, flags >= 0 && (flags & O_APPEND) != 0 ? SEEK_END : SEEK_CUR);
}

// The place of the write is known only afterwards: an appended file has a new position.
ssize_t wrote(int fd, ssize_t count, const void* bytes) {
    if (count <= 0 || !recording()) return count;
    const std::string_view data(static_cast<const char*>(bytes), static_cast<std::size_t>(count));
    if (fd == STDOUT_FILENO && ::plan().role == "owner") {
        recordShown(data);
    } else if (const off_t end = positionOf(fd); end >= count) {
        recordFile(Op::write, fd, static_cast<std::uint64_t>(end - count), data);
    }
    return count;
}

int synced(const char* name, int fd) {
    if (failsFile("fsync", fd, true)) return -1;
    if (::plan().no_sync) return 0;
    const int result = next<int(int)>(name)(fd);
    if (result == 0 && recording()) recordFile(Op::sync, fd, 0);
    return result;
}

int resized(int fd, off_t size) {
    static auto* const real = next<int(int, off_t)>("ftruncate");
    if (failsFile("ftruncate", fd, true)) return -1;
    const int result = real(fd, size);
    if (result == 0 && recording()) recordFile(Op::resize, fd, static_cast<std::uint64_t>(size));
    return result;
}

int removed(const std::string& path, int result) {
    if (result == 0 && recording()) recordPath(Op::remove, path);
    return result;
}

}  // namespace

SHIM_EXPORT int open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeOf(flags, arguments);
    va_end(arguments);
    return openFile("open", AT_FDCWD, path, flags, mode);
}

SHIM_EXPORT int open64(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeOf(flags, arguments);
    va_end(arguments);
    return openFile("open", AT_FDCWD, path, flags, mode);
}

SHIM_EXPORT int openat(int folder, const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeOf(flags, arguments);
    va_end(arguments);
    return openFile("open", folder, path, flags, mode);
}

SHIM_EXPORT int openat64(int folder, const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = modeOf(flags, arguments);
    va_end(arguments);
    return openFile("open", folder, path, flags, mode);
}

SHIM_EXPORT FILE* fopen64(const char* path, const char* how) {
    static auto* const real = next<FILE*(const char*, const char*)>("fopen64");
    if (!::plan().boot_id_file.empty() && std::strcmp(path, "/proc/sys/kernel/random/boot_id") == 0)
        return real(::plan().boot_id_file.c_str(), how);
    const bool writes = std::strpbrk(how, "wa+") != nullptr;
    if (watched() && fails("open", fullPath(AT_FDCWD, path), writes)) return nullptr;
    FILE* file = real(path, how);
    if (file != nullptr && writes)
        opened(::fileno(file), fullPath(AT_FDCWD, path),
               O_CREAT | (std::strchr(how, 'w') != nullptr ? O_TRUNC : 0));
    return file;
}

SHIM_EXPORT FILE* fopen(const char* path, const char* how) { return fopen64(path, how); }

SHIM_EXPORT ssize_t write(int fd, const void* bytes, std::size_t size) {
    static auto* const real = next<ssize_t(int, const void*, std::size_t)>("write");
    if (failsFile("write", fd, true) || interrupted(size, fd)) return -1;
    return wrote(fd, real(fd, bytes, size), bytes);
}

SHIM_EXPORT ssize_t writev(int fd, const iovec* pieces, int count) {
    static auto* const real = next<ssize_t(int, const iovec*, int)>("writev");
    if (!recording() && !watched()) return real(fd, pieces, count);
    std::string bytes;
    for (int i = 0; i < count; ++i)
        bytes.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    return write(fd, bytes.data(), bytes.size());
}

SHIM_EXPORT ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off64_t offset) {
    static auto* const real = next<ssize_t(int, const void*, std::size_t, off64_t)>("pwrite64");
    if (failsFile("write", fd, true) || interrupted(size, fd)) return -1;
    const ssize_t count = real(fd, bytes, size, offset);
    if (count > 0 && recording()) {
        recordFile(Op::write, fd, static_cast<std::uint64_t>(offset),
                   {static_cast<const char*>(bytes), static_cast<std::size_t>(count)});
    }
    return count;
}

SHIM_EXPORT ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
    return pwrite64(fd, bytes, size, offset);
}

SHIM_EXPORT ssize_t read(int fd, void* bytes, std::size_t size) {
    static auto* const real = next<ssize_t(int, void*, std::size_t)>("read");
    if (failsFile("read", fd, false) || interrupted(size, fd)) return -1;
    return real(fd, bytes, size);
}

SHIM_EXPORT ssize_t pread64(int fd, void* bytes, std::size_t size, off64_t offset) {
    static auto* const real = next<ssize_t(int, void*, std::size_t, off64_t)>("pread64");
    if (failsFile("read", fd, false) || interrupted(size, fd)) return -1;
    return real(fd, bytes, size, offset);
}

SHIM_EXPORT ssize_t pread(int fd, void* bytes, std::size_t size, off_t offset) {
    return pread64(fd, bytes, size, offset);
}

SHIM_EXPORT ssize_t copy_file_range(int from, off64_t* from_offset, int to, off64_t* to_offset,
                                    std::size_t size, unsigned flags) {
    static auto* const real =
        next<ssize_t(int, off64_t*, int, off64_t*, std::size_t, unsigned)>("copy_file_range");
    if (failsFile("write", to, true)) return -1;
    const off64_t source = from_offset == nullptr ? ::lseek(from, 0, SEEK_CUR) : *from_offset;
    const ssize_t count = real(from, from_offset, to, to_offset, size, flags);
    if (count <= 0 || !recording()) return count;
    std::string data(static_cast<std::size_t>(count), '\0');
    if (pread64(from, data.data(), data.size(), source) == count) wrote(to, count, data.data());
    return count;
}

SHIM_EXPORT int fsync(int fd) { return synced("fsync", fd); }

SHIM_EXPORT int fdatasync(int fd) { return synced("fdatasync", fd); }

SHIM_EXPORT int ftruncate(int fd, off_t size) { return resized(fd, size); }

SHIM_EXPORT int ftruncate64(int fd, off64_t size) { return resized(fd, size); }

SHIM_EXPORT int rename(const char* from, const char* to) {
    static auto* const real = next<int(const char*, const char*)>("rename");
    if (watched() && fails("rename", fullPath(AT_FDCWD, to), true)) return -1;
    const int result = real(from, to);
    if (result == 0 && recording())
        recordPath(Op::rename, fullPath(AT_FDCWD, from), fullPath(AT_FDCWD, to));
    return result;
}

SHIM_EXPORT int link(const char* from, const char* to) {
    static auto* const real = next<int(const char*, const char*)>("link");
    if (watched() && fails("link", fullPath(AT_FDCWD, to), true)) return -1;
    const int result = real(from, to);
    if (result == 0 && recording())
        recordPath(Op::link, fullPath(AT_FDCWD, from), fullPath(AT_FDCWD, to));
    return result;
}

SHIM_EXPORT int unlink(const char* path) {
    static auto* const real = next<int(const char*)>("unlink");
    if (watched() && fails("unlink", fullPath(AT_FDCWD, path), true)) return -1;
    return removed(fullPath(AT_FDCWD, path), real(path));
}

SHIM_EXPORT int remove(const char* path) {
    static auto* const real = next<int(const char*)>("remove");
    if (watched() && fails("unlink", fullPath(AT_FDCWD, path), true)) return -1;
    return removed(fullPath(AT_FDCWD, path), real(path));
}

SHIM_EXPORT int rmdir(const char* path) {
    static auto* const real = next<int(const char*)>("rmdir");
    if (watched() && fails("unlink", fullPath(AT_FDCWD, path), true)) return -1;
    return removed(fullPath(AT_FDCWD, path), real(path));
}

SHIM_EXPORT int unlinkat(int folder, const char* path, int flags) {
    static auto* const real = next<int(int, const char*, int)>("unlinkat");
    if (watched() && fails("unlink", fullPath(folder, path), true)) return -1;
    const std::string full = recording() ? fullPath(folder, path) : std::string();
    return removed(full, real(folder, path, flags));
}

SHIM_EXPORT int mkdir(const char* path, mode_t mode) {
    static auto* const real = next<int(const char*, mode_t)>("mkdir");
    if (watched() && fails("mkdir", fullPath(AT_FDCWD, path), true)) return -1;
    const int result = real(path, mode);
    if (result == 0 && recording()) recordPath(Op::folder, fullPath(AT_FDCWD, path));
    return result;
}

SHIM_EXPORT void* malloc(std::size_t size) {
    static std::atomic<long> calls{0};
    static thread_local bool inside = false;  // the plan itself allocates memory
    // The loader allocates memory before the environment can be read.
    if (inside || environ == nullptr) return __libc_malloc(size);
    inside = true;
    const Plan& plan = ::plan();
    inside = false;
    if (plan.malloc_at == 0) return __libc_malloc(size);
    const long number = ++calls;
    if (number == plan.malloc_at || (plan.malloc_on && number > plan.malloc_at)) {
        errno = ENOMEM;
        return nullptr;
    }
    return __libc_malloc(size);
}

// NOLINTEND(bugprone-reserved-identifier)
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
