#include "api/bodies/upload_body.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <istream>
#include <span>
#include <stop_token>
#include <string>
#include <utility>

#include <Poco/Net/HTTPServerRequest.h>

#include "http/message/exchange.h"

namespace sheafline::api {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kMostHeld{1};  // of what a slow client sends, before it is written

}  // namespace

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

void requireOk(const UploadResult& result) {
    if (result.outcome == UploadOutcome::ok) return;
    http::Problem problem{.status = statusOf(result.outcome),
                          .code = std::string(codeOf(result.outcome)),
                          .detail = "the upload is at byte " + std::to_string(result.offset)};
    const bool known = result.outcome == UploadOutcome::offset_mismatch ||
                       result.outcome == UploadOutcome::checksum_mismatch;
    if (known) problem.fields.emplace_back("Upload-Offset", std::to_string(result.offset));
    if (!known) problem.detail.clear();
    if (problem.status == 429) problem.fields.emplace_back("Retry-After", "60");
    problem.fields.emplace_back("Tus-Resumable", "1.0.0");
    throw http::HttpError(problem);
}

void copyBody(ApiRequest& request, AppendSession& session) {
    http::Exchange& exchange = *request.call().exchange;
    // Wakes a read that waits for a client who is gone, though nobody has said so.
    const std::stop_callback wake(session.stop(), [&] { exchange.stopReading(); });
    // Not by istream::read, which forgets what it has got when the rest breaks off.
    std::streambuf& body = *request.request().stream().rdbuf();
    std::array<char, 65536> block;
    std::size_t have = 0;
    auto kept_at = Clock::now();
    const auto keep = [&] {
        const std::size_t size = std::exchange(have, 0);
        kept_at = Clock::now();
        return size == 0 || session.write(std::span(block.data(), size)) == UploadOutcome::ok;
    };
    try {
        while ((!session.stop().stop_requested() || exchange.bodyBuffered()) &&
               body.sgetc() != std::char_traits<char>::eof()) {
            const auto room = static_cast<std::streamsize>(block.size() - have);
            have += static_cast<std::size_t>(
                body.sgetn(block.data() + have, std::min(body.in_avail(), room)));
            const bool due = have == block.size() || Clock::now() - kept_at > kMostHeld;
            if (due && !keep()) return;
        }
    } catch (const http::HttpError&) {
        keep();
        throw;
    }
    keep();
    if (body.in_avail() > 0 || exchange.bodyBuffered() || exchange.bodyLeft()) session.giveWay();
}

}  // namespace sheafline::api
