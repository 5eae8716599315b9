#include "api/bodies/upload_body.h"

#include <string>
#include <utility>

#include "http/message/exchange.h"

namespace sheafline::api {

int statusOf(UploadOutcome outcome) {
    switch (outcome) {
        case UploadOutcome::ok:
            return 204;
        case UploadOutcome::exists:
        case UploadOutcome::offset_mismatch:
            return 409;
        case UploadOutcome::not_found:
            return 404;
        case UploadOutcome::gone:
            return 410;
        case UploadOutcome::length_required:
            return 411;
        case UploadOutcome::empty:
            return 400;
        case UploadOutcome::too_large:
        case UploadOutcome::over_quota:
        case UploadOutcome::excess:
            return 413;
        case UploadOutcome::too_many:
            return 429;
        case UploadOutcome::no_space:
            return 507;
        case UploadOutcome::locked:
        case UploadOutcome::interrupted:
            return 423;
        case UploadOutcome::checksum_mismatch:
            return 460;
        case UploadOutcome::digest_mismatch:
            return 422;
    }
    return 500;
}

namespace {

// What happened, and what to do next.
std::string detailOf(const UploadResult& result) {
    switch (result.outcome) {
        case UploadOutcome::ok:
            return {};
        case UploadOutcome::exists:
            return "an upload of this id exists; resume it, or create another one";
        case UploadOutcome::not_found:
            return "there is no such upload; create one";
        case UploadOutcome::gone:
            return "the upload expired, or its bytes were lost; create a new one and send the file "
                   "again";
        case UploadOutcome::offset_mismatch:
            return "the upload is at byte " + std::to_string(result.offset) +
                   "; continue there (HEAD gives the offset)";
        case UploadOutcome::length_required:
            return "declare the length of the archive (Upload-Length, Content-Length or 'length') "
                   "or its SHA-256 ('sha256')";
        case UploadOutcome::empty:
            return "the archive is empty (0 bytes); send a ZIP file with at least one sheet";
        case UploadOutcome::too_large:
            return "the archive is larger than this server takes (Tus-Max-Size); split it";
        case UploadOutcome::over_quota:
            return "the quota is used up; delete batches that are no longer needed, or ask the "
                   "operator for more";
        case UploadOutcome::too_many:
            return "too many uploads are open; finish or delete one, then try again";
        case UploadOutcome::no_space:
            return "the server's disk has no room for it; resume once its operator has freed space";
        case UploadOutcome::excess:
            return "the request has more bytes than the upload declared; send the rest alone";
        case UploadOutcome::locked:
            return "another request writes to the upload; try again in a few seconds";
        case UploadOutcome::interrupted:
            return "a newer request has taken the upload over; this one may stop";
        case UploadOutcome::checksum_mismatch:
            return "the bytes do not match Upload-Checksum and were discarded; send them again "
                   "from "
                   "byte " +
                   std::to_string(result.offset);
        case UploadOutcome::digest_mismatch:
            return "the archive does not have the declared SHA-256; its batch has failed: create a "
                   "new one";
    }
    return {};
}

}  // namespace

void requireOk(const UploadResult& result) {
    if (result.outcome == UploadOutcome::ok) return;
    http::Problem problem{.status = statusOf(result.outcome),
                          .code = std::string(codeOf(result.outcome)),
                          .detail = detailOf(result)};
    if (result.outcome == UploadOutcome::offset_mismatch ||
        result.outcome == UploadOutcome::checksum_mismatch)
        problem.fields.emplace_back("Upload-Offset", std::to_string(result.offset));
    if (problem.status == 429) problem.fields.emplace_back("Retry-After", "60");
    problem.fields.emplace_back("Tus-Resumable", "1.0.0");
    throw http::HttpError(problem);
}

void UploadBody::Wake::operator()() const { exchange.stopReading(); }

UploadBody::UploadBody(std::unique_ptr<AppendSession> session, const http::Exchange& exchange)
    : session_(std::move(session)), stop_(session_->stop()) {
    wake_.emplace(stop_, Wake{exchange});
}

bool UploadBody::take(std::span<const char> bytes) {
    return session_->write(bytes) == UploadOutcome::ok && !stop_.stop_requested();
}

std::optional<UploadResult> UploadBody::end(http::BodyEnd how, bool length_known) {
    wake_.reset();
    const auto session = std::move(session_);
    if (how == http::BodyEnd::broken && !stop_.stop_requested()) {
        session->finish();
        return std::nullopt;
    }
    if (how != http::BodyEnd::whole) session->giveWay();
    return length_known ? session->finish() : session->finishWhole();
}

}  // namespace sheafline::api
