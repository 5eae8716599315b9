// Whether there is room for a new upload: quotas, places and the disk.
#include <algorithm>

#include "uploads/upload.h"
#include "uploads/upload_store.h"

namespace sheafline {

UploadStore::Promised UploadStore::promised(std::string_view owner,
                                            const std::vector<KnownUpload>& uploads) {
    Promised sum;
    for (const auto& [info, durable, state] : uploads) {
        if (state != UploadState::open && state != UploadState::complete) continue;
        const std::uint64_t bytes = info.length.value_or(durable);
        sum.bytes += bytes;
        sum.missing += bytes - durable;
        sum.open += state == UploadState::open ? 1 : 0;
        if (info.owner != owner) continue;
        sum.bytes_of_owner += bytes;
        sum.open_of_owner += state == UploadState::open ? 1 : 0;
    }
    return sum;
}

UploadUsage UploadStore::usageOf(std::string_view owner) const {
    const Promised sum = promised(owner, known());
    return {.bytes = sum.bytes_of_owner, .open = sum.open_of_owner};
}

// An upload is accepted only if there is room for all of it.
UploadOutcome UploadStore::roomFor(const NewUpload& upload, const StoredBytes& stored,
                                   const Promised& sum, std::uint64_t& at_most) const {
    const auto left = [](std::uint64_t limit, std::uint64_t used) {
        return limit > used ? limit - used : 0;
    };
    const std::uint64_t quota = std::min(
        left(upload.owner_bytes.value_or(limits_.user_bytes), stored.by_owner + sum.bytes_of_owner),
        left(limits_.all_bytes, stored.in_all + sum.bytes));
    const std::uint64_t space = left(free_bytes_(), limits_.reserve_bytes + sum.missing);
    // Without a declared length it may use the remaining room, and is stopped there.
    const std::uint64_t bytes = upload.length.value_or(1);
    at_most = upload.length.value_or(std::min({limits_.upload_bytes, quota, space}));
    if (bytes > limits_.upload_bytes) return UploadOutcome::too_large;
    if (bytes > quota || stored.files_by_owner + sum.open_of_owner >= limits_.user_files) {
        return UploadOutcome::over_quota;
    }
    if (sum.open_of_owner >= upload.owner_open.value_or(limits_.user_open) ||
        sum.open >= limits_.all_open) {
        return UploadOutcome::too_many;
    }
    return bytes > space ? UploadOutcome::no_space : UploadOutcome::ok;
}

}  // namespace sheafline
