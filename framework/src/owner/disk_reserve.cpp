#include "owner/disk_reserve.h"

#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sheafline/file_descriptor.h>

namespace sheafline {

namespace {

constexpr std::uintmax_t kBytes = 64U << 20U;

bool makeReserve(const std::filesystem::path& file) {
    std::error_code error;
    const bool whole = std::filesystem::file_size(file, error) == kBytes && !error;
    if (whole) return true;
    if (std::filesystem::space(file.parent_path(), error).available < kBytes + kBytes / 4 || error)
        return false;
    const FileDescriptor reserve(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0640));
    if (!reserve) return false;
    const bool made = ::posix_fallocate(reserve.get(), 0, static_cast<off_t>(kBytes)) == 0;
    if (!made) std::filesystem::remove(file, error);
    return made;
}

}  // namespace

DiskReserve::DiskReserve(std::filesystem::path file)
    : file_(std::move(file)), there_(makeReserve(file_)) {}

bool DiskReserve::restore() {
    there_ = makeReserve(file_);
    return there_;
}

bool DiskReserve::giveUp() {
    std::error_code error;
    return there_.exchange(false) && std::filesystem::remove(file_, error);
}

}  // namespace sheafline
