#include "uploads/chunk_slices.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sheafline {

ChunkSlices::ChunkSlices(std::uint64_t length, std::uint64_t slice_bytes)
    : length_(length), slice_bytes_(slice_bytes) {}

std::uint64_t ChunkSlices::count() const { return (length_ + slice_bytes_ - 1) / slice_bytes_; }

std::uint64_t ChunkSlices::wholeIn(std::uint64_t offset) const {
    return length_ > 0 && offset >= length_ ? count() : offset / slice_bytes_;
}

UploadChunk ChunkSlices::at(std::uint64_t number) const {
    const std::uint64_t from = (number - 1) * slice_bytes_;
    const std::uint64_t to =
        length_ == 0 ? number * slice_bytes_ : std::min(number * slice_bytes_, length_);
    return {.number = number, .count = count(), .bytes = to - from};
}

std::string messageOf(const UploadChunk& chunk) {
    const std::string of = chunk.count == 0 ? "" : "/" + std::to_string(chunk.count);
    std::array<char, 32> megabytes{};
    std::snprintf(megabytes.data(), megabytes.size(), "%.2f",
                  static_cast<double>(chunk.bytes) / (1 << 20));
    return "Chunk " + std::to_string(chunk.number) + of + " uploaded (" + megabytes.data() + "MB)";
}

}  // namespace sheafline
