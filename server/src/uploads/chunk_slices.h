// A chunk is a fixed slice of an upload, however the client cuts its requests.
#pragma once

#include <cstdint>
#include <string>

namespace sheafline {

inline constexpr std::uint64_t kSliceBytes = std::uint64_t{50} << 20;

struct UploadChunk {
    std::uint64_t number = 0;  // 1-based
    std::uint64_t count = 0;   // 0 if the length is not known yet
    std::uint64_t bytes = 0;   // of this chunk
};

class ChunkSlices {
 public:
    // `length` 0: not known yet.
    ChunkSlices(std::uint64_t length, std::uint64_t slice_bytes);

    std::uint64_t count() const;
    std::uint64_t wholeIn(std::uint64_t offset) const;  // chunks before `offset`
    UploadChunk at(std::uint64_t number) const;

 private:
    std::uint64_t length_;
    std::uint64_t slice_bytes_;
};

std::string messageOf(const UploadChunk& chunk);  // "Chunk 1/4 uploaded (50.00MB)"

}  // namespace sheafline
