// The outcome of a call about an upload, and its HTTP status.
#pragma once

#include <cstdint>
#include <string_view>

#include "uploads/upload_info.h"

namespace sheafline {

enum class UploadOutcome {
    ok,                 // 201, 200 or 204
    exists,             // 409: an upload with this id exists
    not_found,          // 404: also for an upload of another user
    gone,               // 410: it expired, or its bytes were lost on the disk
    offset_mismatch,    // 409: the result has the right offset
    length_required,    // 411: neither a length nor a digest
    empty,              // 400: an archive has bytes
    too_large,          // 413: larger than one upload may be
    over_quota,         // 413: over the quota of the user or of the server
    too_many,           // 429: too many open uploads
    no_space,           // 507: the disk is full
    excess,             // 413: more bytes than the declared length
    locked,             // 423: another request is writing and does not stop
    interrupted,        // 423: a newer request took over
    checksum_mismatch,  // 460: the bytes of this request were discarded
    digest_mismatch,    // 422: wrong digest of the whole file; the upload is deleted
};

std::string_view codeOf(UploadOutcome outcome);  // stable, upper case: "OFFSET_MISMATCH"

struct UploadResult {
    UploadOutcome outcome = UploadOutcome::ok;
    std::uint64_t offset = 0;  // durable bytes
    bool complete = false;     // all bytes are durable
    UploadInfo info{};         // set if the upload exists
};

}  // namespace sheafline
