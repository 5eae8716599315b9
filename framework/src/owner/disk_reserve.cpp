#include "owner/disk_reserve.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include <sheafline/file_descriptor.h>

namespace sheafline {

namespace {

// A batch has at most 32 changes of 256 edits under way, and a reading takes about 500 bytes. If
// its readings are much longer, some of them are not stored, and those sheets are read again.
constexpr std::uintmax_t kBytesOfBatch = 4U << 20U;
// The event of an interruption changes a few dozen pages of 4 KiB.
constexpr std::uintmax_t kRestOfBatch = 512U << 10U;
constexpr std::size_t kMostBatches = 16;  // the writes of more batches share their pages

std::size_t counted(std::size_t batches) {
    return std::clamp<std::size_t>(batches, 1, kMostBatches);
}

}  // namespace

std::uintmax_t DiskReserve::bytesFor(std::size_t batches) {
    return counted(batches) * kBytesOfBatch;
}

std::uintmax_t DiskReserve::restFor(std::size_t batches) { return counted(batches) * kRestOfBatch; }

DiskReserve::DiskReserve(std::filesystem::path file, std::size_t batches)
    : file_(std::move(file)), batches_(batches) {
    restore();
}

bool DiskReserve::restore() {
    const std::lock_guard lock(mutex_);
    const std::uintmax_t wanted = bytesFor(batches_);
    std::error_code error;
    std::uintmax_t present = std::filesystem::file_size(file_, error);
    if (error) present = 0;
    whole_ = present >= wanted;
    if (present > wanted) std::filesystem::resize_file(file_, wanted, error);
    if (!whole_) whole_ = grow(present, wanted);
    rest_ = whole_ || present > 0;
    return whole_;
}

// With mutex_ held.
bool DiskReserve::grow(std::uintmax_t present, std::uintmax_t wanted) const {
    std::error_code error;
    const std::uintmax_t missing = wanted - present;
    const auto room = std::filesystem::space(file_.parent_path(), error);
    if (error || room.available < missing + wanted / 4) return false;
    const FileDescriptor reserve(::open(file_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0640));
    if (!reserve) return false;
    if (::posix_fallocate(reserve.get(), 0, static_cast<off_t>(wanted)) == 0) return true;
    // Keep the existing bytes, even if only a part of the new bytes could be written.
    if (present > 0) {
        std::filesystem::resize_file(file_, present, error);
    } else {
        std::filesystem::remove(file_, error);
    }
    return false;
}

bool DiskReserve::giveUp() {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(whole_, false)) return false;
    std::error_code error;
    std::filesystem::resize_file(file_, restFor(batches_), error);
    return !error;
}

bool DiskReserve::giveUpRest() {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(rest_, false)) return false;
    whole_ = false;
    std::error_code error;
    return std::filesystem::remove(file_, error);
}

void DiskReserve::fitTo(std::size_t batches) {
    const std::lock_guard lock(mutex_);
    batches_ = batches;
}

}  // namespace sheafline
