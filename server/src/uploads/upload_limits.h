// Limits of uploads, and how they are written to disk.
#pragma once

#include <cstdint>

#include "uploads/chunk_slices.h"

namespace sheafline {

// The disk of the data folder counts as full when less than this is free: /readyz says so, and no
// upload takes more. Running batches use the rest.
inline constexpr std::uint64_t kDiskFullBelowBytes = std::uint64_t{256} << 20;

struct UploadLimits {
    std::uint64_t upload_bytes = std::uint64_t{20} << 30;
    std::uint64_t user_bytes = std::uint64_t{100} << 30;  // uploads and stored archives of one user
    std::uint64_t user_files = 10'000;
    std::uint64_t user_open = 20;
    std::uint64_t all_bytes = UINT64_MAX;
    std::uint64_t all_open = 1'000;
    std::uint64_t reserve_bytes = kDiskFullBelowBytes;  // free space that is kept for everything
                                                        // else

    std::int64_t lifetime_seconds = 24 * std::int64_t{3600};
    std::int64_t gone_seconds = 168 * std::int64_t{3600};  // how long an expired upload answers 410

    std::uint64_t slice_bytes = kSliceBytes;
    std::uint64_t sync_bytes = std::uint64_t{8} << 20;  // the most that a crash costs a client:
                                                        // this many bytes,
    std::int64_t sync_ms = 5'000;                       // or the bytes of this time
    std::int64_t patience_ms = 2'000;  // how long to wait for a session that was asked to stop
};

}  // namespace sheafline
