// How a call about an upload ended, and the status that tus 1.0 and the contract give it.
#pragma once

#include <cstdint>
#include <string_view>

#include "uploads/upload_info.h"

namespace sheafline {

enum class UploadOutcome {
    ok,                 // 201, 200 or 204
    exists,             // 409: there is an upload of this id
    not_found,          // 404: also one of somebody else
    gone,               // 410: it expired, or the disk lost it
    offset_mismatch,    // 409: the result has the right one
    length_required,    // 411: neither a length nor a digest
    empty,              // 400: an archive has bytes
    too_large,          // 413: for one upload
    over_quota,         // 413: for its owner, or in all
    too_many,           // 429: open uploads
    no_space,           // 507: on the disk
    excess,             // 413: more bytes than the declared length
    locked,             // 423: another request is at work and does not stop
    interrupted,        // 423: a newer request took over
    checksum_mismatch,  // 460: the bytes of this request were thrown away
    digest_mismatch,    // 422: of the whole file; the upload is gone
};

std::string_view codeOf(UploadOutcome outcome);  // stable, upper case: "OFFSET_MISMATCH"

struct UploadResult {
    UploadOutcome outcome = UploadOutcome::ok;
    std::uint64_t offset = 0;  // durable
    bool complete = false;     // all bytes are
    UploadInfo info{};         // where there is such an upload
};

}  // namespace sheafline
