#include "api/description/problem_codes.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace sheafline::api {

namespace {

constexpr auto kCodes = std::to_array<ProblemCode>({
    {"BAD_CHECKSUM", 400, "Upload-Checksum names no algorithm that there is, or no digest"},
    {"BAD_CHUNK", 400, "the chunks of the body break their grammar"},
    {"BAD_ENCODING", 400, "a percent sign is followed by no hexadecimal code"},
    {"BAD_HEADER", 400, "a header field is missing or cannot be read"},
    {"BAD_JSON", 400, "the body, or a part of it, is no JSON object"},
    {"BAD_QUERY", 400, "a parameter of the query is unknown or cannot be read"},
    {"BAD_REQUEST", 400, "the head of the request breaks the grammar of HTTP"},
    {"BODY_TRUNCATED", 400, "the connection ended within the body"},
    {"CONCATENATION", 400, "uploads are not put together from parts (tus concatenation)"},
    {"EMPTY_UPLOAD", 400, "an archive has bytes"},
    {"LENGTH_CHANGED", 400, "Upload-Length is not the one that was declared"},
    {"REPEATED_FIELD", 400, "a field stands twice in the query or form"},
    {"TRUNCATED", 400, "the connection ended within the request"},
    {"UNAUTHORIZED", 401, "there is no token, cookie or ticket, or it is worth nothing any more"},
    {"WRONG_CREDENTIALS", 401, "user name or password is wrong"},
    {"FORBIDDEN", 403, "the caller's role does not allow it"},
    {"FOREIGN_ORIGIN", 403, "a cookie came with a request of another site's page"},
    {"NOT_FOUND", 404, "there is nothing here, or it is somebody else's"},
    {"NO_IMAGE", 404, "the image of the sheet is no more"},
    {"NO_SUCH_ARTIFACT", 404, "the batch has no such artifact"},
    {"NO_SUCH_BATCH", 404, "there is no such batch, or it is somebody else's"},
    {"NO_SUCH_SCHEMA", 404, "there is no schema of this name"},
    {"NO_SUCH_SHEET", 404, "the batch has no such sheet"},
    {"NO_SUCH_USER", 404, "there is no such user"},
    {"NO_SUCH_FIELD", 404, "the sheet has no such field in doubt"},
    {"NO_TEMPLATE", 404, "nothing says what is where on a sheet of the batch"},
    {"METHOD_NOT_ALLOWED", 405, "the path has other methods: see Allow"},
    {"TOO_SLOW", 408, "the request came too slowly; what an upload brought is kept"},
    {"BATCH_ENDED", 409, "the batch has ended already"},
    {"BATCH_EXISTS", 409, "there is a batch of this id"},
    {"BATCH_RUNS", 409, "the batch has not ended"},
    {"CANNOT_CANCEL", 409, "the batch cannot be cancelled now"},
    {"CANNOT_REOPEN", 409, "the batch, or the sheet, is in no state for this"},
    {"LAST_ADMIN", 409, "the last admin stays"},
    {"OFFSET_MISMATCH", 409, "the upload is at another byte: see Upload-Offset"},
    {"UPLOAD_EXISTS", 409, "there is an upload of this id"},
    {"USER_EXISTS", 409, "the name is taken, or was once"},
    {"ARTIFACT_GONE", 410, "the file is no more"},
    {"UPLOAD_GONE", 410, "the upload expired, or the disk lost it"},
    {"LENGTH_REQUIRED", 411, "the length of the archive or its SHA-256 is wanted"},
    {"TUS_VERSION", 412, "Tus-Resumable: 1.0.0 is wanted"},
    {"BODY_TOO_LARGE", 413, "the body is larger than this route takes"},
    {"MORE_THAN_DECLARED", 413, "more bytes came than the upload declared"},
    {"QUOTA", 413, "the user's quota, or that of the server, is used up"},
    {"UPLOAD_TOO_LARGE", 413, "an archive may not be that large here"},
    {"URI_TOO_LONG", 414, "the request line is too long"},
    {"WRONG_TYPE", 415, "the body has another Content-Type than is wanted"},
    {"RANGE", 416, "the file has no such range: see Content-Range"},
    {"EXPECTATION_FAILED", 417, "of expectations only 100-continue is known"},
    {"CHECKSUM", 422, "the archive has another SHA-256 than was declared; the batch has failed"},
    {"INVALID_FIELD", 422, "a field has no value that it can have: see errors"},
    {"INVALID_PARAMS", 422, "the params do not fit the pipeline: see errors"},
    {"KEY_REUSED", 422, "this Idempotency-Key stands for another request"},
    {"MISSING_FIELD", 422, "a field is missing: see errors"},
    {"NO_UPLOAD", 422, "the pipeline takes no file"},
    {"UPLOAD_LOCKED", 423, "another request is at work on the upload"},
    {"UPLOAD_TAKEN_OVER", 423, "a newer request has taken the upload over"},
    {"TOO_MANY_ATTEMPTS", 429, "too many attempts to sign in: see Retry-After"},
    {"TOO_MANY_UPLOADS", 429, "too many uploads are open: see Retry-After"},
    {"HEAD_TOO_LARGE", 431, "the head of the request, or a line of it, is too large"},
    {"CHECKSUM_MISMATCH", 460, "the bytes do not match Upload-Checksum, and were thrown away"},
    {"INTERNAL", 500, "something went wrong on the server; its log says what"},
    {"NOT_IMPLEMENTED", 501, "of transfer codings only chunked is known"},
    {"ACCOUNTS_UNREACHABLE", 503, "the server that has the accounts is not to be reached"},
    {"BUSY", 503, "too much at once: see Retry-After"},
    {"HOME_UNREACHABLE", 503, "the server that has the batch is not to be reached"},
    {"OVERLOADED", 503, "too much at once: see Retry-After"},
    {"REDIS_AWAY", 503, "Redis, which knows it, does not answer"},
    {"STOPPING", 503, "the server is stopping: see Retry-After"},
    {"HTTP_VERSION", 505, "HTTP/1.1 and HTTP/1.0 are spoken here"},
    {"DISK_FULL", 507, "the disk has no room; an upload can go on when it has"},
    {"DISK_READONLY", 507, "the disk takes nothing; an upload can go on when it does"},
});

constexpr auto kCommon = std::to_array<std::string_view>(
    {"BAD_CHUNK", "BAD_ENCODING", "BAD_QUERY", "BAD_REQUEST", "REPEATED_FIELD", "TRUNCATED",
     "TOO_SLOW", "BODY_TOO_LARGE", "BUSY", "URI_TOO_LONG", "HEAD_TOO_LARGE", "INTERNAL",
     "EXPECTATION_FAILED", "NOT_IMPLEMENTED", "OVERLOADED", "STOPPING", "HTTP_VERSION"});

}  // namespace

const ProblemCode& problemCode(std::string_view code) {
    const auto* found = std::ranges::find(kCodes, code, &ProblemCode::code);
    if (found != kCodes.end()) return *found;
    throw std::logic_error("no problem has the code " + std::string(code));
}

std::span<const std::string_view> commonProblems() { return kCommon; }

}  // namespace sheafline::api
