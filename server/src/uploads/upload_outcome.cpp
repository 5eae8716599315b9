#include "uploads/upload_outcome.h"

namespace sheafline {

std::string_view codeOf(UploadOutcome outcome) {
    switch (outcome) {
        case UploadOutcome::ok:
            return "OK";
        case UploadOutcome::exists:
            return "UPLOAD_EXISTS";
        case UploadOutcome::not_found:
            return "NOT_FOUND";
        case UploadOutcome::gone:
            return "UPLOAD_GONE";
        case UploadOutcome::offset_mismatch:
            return "OFFSET_MISMATCH";
        case UploadOutcome::length_required:
            return "LENGTH_REQUIRED";
        case UploadOutcome::empty:
            return "EMPTY_UPLOAD";
        case UploadOutcome::too_large:
            return "UPLOAD_TOO_LARGE";
        case UploadOutcome::over_quota:
            return "QUOTA";
        case UploadOutcome::too_many:
            return "TOO_MANY_UPLOADS";
        case UploadOutcome::no_space:
            return "DISK_FULL";
        case UploadOutcome::excess:
            return "MORE_THAN_DECLARED";
        case UploadOutcome::locked:
            return "UPLOAD_LOCKED";
        case UploadOutcome::interrupted:
            return "UPLOAD_TAKEN_OVER";
        case UploadOutcome::checksum_mismatch:
            return "CHECKSUM_MISMATCH";
        case UploadOutcome::digest_mismatch:
            return "CHECKSUM";
    }
    return "";
}

}  // namespace sheafline
