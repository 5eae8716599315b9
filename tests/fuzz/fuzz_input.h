// What the fuzz targets share: the input as text, and a file that a reader can open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

namespace sheafline::fuzz {

inline std::string_view textOf(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};  // NOLINT(*-reinterpret-cast)
}

// A regular file in memory with these bytes, at a path of /proc.
class MemoryFile {
 public:
    MemoryFile(const std::uint8_t* data, std::size_t size) : fd_(::memfd_create("fuzz", 0)) {
        if (fd_ < 0 || ::write(fd_, data, size) != static_cast<ssize_t>(size))
            throw std::runtime_error("cannot write a file in memory");
    }
    ~MemoryFile() { ::close(fd_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
    int fd_;
};

// A false condition must be reported: __builtin_trap, as libFuzzer expects.
inline void require(bool promise) {
    if (!promise) __builtin_trap();
}

}  // namespace sheafline::fuzz
