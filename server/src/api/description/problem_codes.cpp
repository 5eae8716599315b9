#include "api/description/problem_codes.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace sheafline::api {

namespace {

constexpr auto kCodes = std::to_array<ProblemCode>({
    {"BAD_CHECKSUM", 400, "Upload-Checksum names an unknown algorithm or has no digest",
     "send 'sha1 BASE64' or 'sha256 BASE64'"},
    {"BAD_CHUNK", 400, "the chunks of the body are malformed",
     "send the body again, with Content-Length or correct chunks"},
    {"BAD_ENCODING", 400, "a percent sign is not followed by two hexadecimal digits",
     "encode a percent sign as %25"},
    {"BAD_HEADER", 400, "a header field is missing or malformed",
     "correct the header field and send the request again"},
    {"BAD_JSON", 400, "the body, or a part of it, is not a JSON object",
     "send a JSON object as /api/openapi.json describes it"},
    {"BAD_QUERY", 400, "a parameter of the query is unknown or malformed",
     "see /api/openapi.json for the parameters of this route"},
    {"BAD_REQUEST", 400, "the head of the request is not valid HTTP",
     "correct the client, or the proxy in front of the server"},
    {"BODY_TRUNCATED", 400, "the connection ended within the body",
     "send the request again; an upload continues at the offset that HEAD gives"},
    {"CONCATENATION", 400, "tus concatenation is not supported", "send the file as one upload"},
    {"EMPTY_UPLOAD", 400, "the archive has 0 bytes", "send a ZIP file with at least one sheet"},
    {"LENGTH_CHANGED", 400, "Upload-Length differs from the declared length",
     "send the declared length, or create a new upload"},
    {"REPEATED_FIELD", 400, "the query or form has the same field twice", "send each field once"},
    {"TRUNCATED", 400, "the connection ended within the request", "send the request again"},
    {"UNAUTHORIZED", 401, "the token, cookie or ticket is missing or no longer valid",
     "sign in: POST /api/auth/login"},
    {"WRONG_CREDENTIALS", 401, "the user name or the password is wrong",
     "check both; an admin can set a new password"},
    {"FORBIDDEN", 403, "the caller's role or the token's scopes do not allow this",
     "ask an admin for another role or token"},
    {"FOREIGN_HOST", 403, "the field Host does not name this machine",
     "use localhost or 127.0.0.1, or let the operator add the proxy to trusted-proxies"},
    {"FOREIGN_ORIGIN", 403, "a request with a cookie came from a page of another site",
     "call the API with a token from there"},
    {"NOT_FOUND", 404, "the path does not exist, or belongs to another user",
     "see /api/openapi.json for the paths"},
    {"NO_IMAGE", 404, "the image of the sheet no longer exists",
     "see the reading of the sheet instead"},
    {"NO_SUCH_ARTIFACT", 404, "the batch has no artifact of this name",
     "see 'artifacts' of its status"},
    {"NO_SUCH_FILE", 404, "the batch has no file for this param", "see 'files' of the batch"},
    {"NO_SUCH_DECISION", 404, "the batch has no decision of this id",
     "see GET /api/batches/{id}/decisions"},
    {"NO_SUCH_BATCH", 404, "the batch does not exist, or belongs to another user",
     "see GET /api/batches"},
    {"NO_SUCH_TEMPLATE", 404, "there is no template of this name",
     "GET /api/templates lists the names"},
    {"NO_SUCH_PIPELINE", 404, "there is no installed pipeline of this name",
     "GET /api/pipelines lists the names"},
    {"NO_SUCH_SCHEMA", 404, "there is no schema of this name",
     "ask for pipeline, event or template"},
    {"NO_SUCH_SESSION", 404, "there is no open session of this id",
     "see GET /api/auth/sessions, or /api/users/{name}/sessions for another user"},
    {"NO_SUCH_SHEET", 404, "the batch has no such sheet", "see GET /api/batches/{id}/sheets"},
    {"NO_SUCH_TOKEN", 404, "you have no token of this id", "see GET /api/tokens"},
    {"NO_SUCH_USER", 404, "there is no user of this name", "see GET /api/users"},
    {"NO_SUCH_FIELD", 404, "the sheet has no such field in doubt",
     "see 'flags' of its reading for the fields"},
    {"NO_ROSTER", 404, "the batch has no class list that can be read",
     "type the code without suggestions"},
    {"NO_TEMPLATE", 404, "the batch has no template that says what is where on a sheet",
     "ask for the image without 'overlay' and 'field'"},
    {"METHOD_NOT_ALLOWED", 405, "the path has other methods", "use one that the field Allow names"},
    {"TOO_SLOW", 408, "the request arrived too slowly",
     "send it again; an upload continues at the offset that HEAD gives"},
    {"REPLAY", 409, "the server replays a batch and changes nothing",
     "use a server without --replay"},
    {"BATCH_ENDED", 409, "the batch has ended already", "create a new batch to run it again"},
    {"BATCH_EXISTS", 409, "a batch of this id exists", "choose another id"},
    {"BATCH_RUNS", 409, "the batch has not ended", "cancel it first, or wait for its end"},
    {"CANNOT_CANCEL", 409, "the batch cannot be cancelled in its present state",
     "look at its state and try again"},
    {"CANNOT_DECIDE", 409, "the batch was cancelled and cannot be changed", "start a new batch"},
    {"DECIDED", 409, "somebody else decided about this first",
     "look at the decision in 'errors', then send its id as 'replace' to replace it"},
    {"NOTHING_TO_UNDO", 409, "the decision does not count any more, or cannot be undone",
     "see GET /api/batches/{id}/decisions"},
    {"SHEET_NOT_READ", 409, "the sheet has no answers that could be decided",
     "give its code, have it read again, or discard it"},
    {"SHEET_CHANGES", 409, "the sheet is being read, or an apply changes it now",
     "send the decision again when the batch has ended or waits for people"},
    {"CANNOT_REOPEN", 409, "the state of the batch or sheet does not allow this",
     "look at its state, then decide again"},
    {"NO_KEY_OPTION", 409, "the processor of the batch takes no key",
     "score only batches that the processor omr has read"},
    {"LAST_ADMIN", 409, "the change would leave no admin", "add another admin first"},
    {"OFFSET_MISMATCH", 409, "the upload is at another byte", "continue at Upload-Offset"},
    {"TOO_MANY_TOKENS", 409, "the user has as many tokens as possible",
     "remove those that are no longer used"},
    {"UPLOAD_EXISTS", 409, "an upload of this id exists", "resume it, or create another one"},
    {"USER_EXISTS", 409, "the name is or was in use; names are not used twice",
     "choose another name"},
    {"ARTIFACT_GONE", 410, "the file no longer exists", "run the batch again to make it"},
    {"UPLOAD_GONE", 410, "the upload expired, was terminated, or its bytes were lost",
     "create a new upload and send the file again"},
    {"LENGTH_REQUIRED", 411, "neither the length of the archive nor its SHA-256 is declared",
     "send Content-Length, Upload-Length or sha256"},
    {"TUS_VERSION", 412, "the request does not use tus 1.0.0", "send Tus-Resumable: 1.0.0"},
    {"BODY_TOO_LARGE", 413, "the body is larger than this route accepts", "send a smaller body"},
    {"MORE_THAN_DECLARED", 413, "the request has more bytes than the upload declared",
     "send only the bytes that are missing"},
    {"QUOTA", 413, "the quota of the user or of the server is used up",
     "delete batches that are no longer needed"},
    {"UPLOAD_TOO_LARGE", 413, "the archive is larger than this server accepts",
     "split the archive"},
    {"URI_TOO_LONG", 414, "the request line is too long",
     "shorten the query, or send the values in the body"},
    {"WRONG_TYPE", 415, "the Content-Type of the body is not the expected one",
     "send the type that /api/openapi.json names"},
    {"RANGE", 416, "the file does not have the requested range", "see Content-Range for its size"},
    {"EXPECTATION_FAILED", 417, "the only supported expectation is 100-continue",
     "send the request without Expect"},
    {"CHECKSUM", 422, "the archive does not have the declared SHA-256, so its batch failed",
     "create a new batch and send the file again"},
    {"INVALID_DECISION", 422, "some decisions of the list are not possible, so none was stored",
     "correct the decisions that 'errors' names"},
    {"INVALID_KEY", 422, "the key has mistakes or does not fit the batch's template",
     "correct the lines that 'errors' names"},
    {"INVALID_FIELD", 422, "a field has an invalid value",
     "correct the fields that 'errors' names"},
    {"INVALID_PARAMS", 422, "the params do not fit the pipeline",
     "correct the params that 'errors' names"},
    {"KEY_REUSED", 422, "this Idempotency-Key belongs to a different request", "choose a new key"},
    {"MISSING_FIELD", 422, "a required field is missing", "add the fields that 'errors' names"},
    {"NO_UPLOAD", 422, "the pipeline takes no file", "send the order as JSON without a file"},
    {"UPLOAD_LOCKED", 423, "another request writes to the upload", "try again in a few seconds"},
    {"UPLOAD_TAKEN_OVER", 423, "a newer request continues the upload", "stop this one"},
    {"TOO_MANY_ATTEMPTS", 429, "there were too many attempts to sign in",
     "wait as long as Retry-After says"},
    {"TOO_MANY_UPLOADS", 429, "too many uploads are open", "finish or delete one, then try again"},
    {"HEAD_TOO_LARGE", 431, "the head of the request, or one of its lines, is too large",
     "send fewer or shorter header fields"},
    {"CHECKSUM_MISMATCH", 460, "the bytes do not match Upload-Checksum and were discarded",
     "send them again from Upload-Offset"},
    {"INTERNAL", 500, "an error happened in the server",
     "try again; the operator finds the reason in the log under the X-Request-Id"},
    {"NOT_IMPLEMENTED", 501, "the only supported transfer coding is chunked",
     "send the body with Content-Length or chunked"},
    {"BUSY", 503, "the server has too much work at the moment", "try again after Retry-After"},
    {"OVERLOADED", 503, "the server has too many requests at the moment",
     "try again after Retry-After"},
    {"REDIS_AWAY", 503, "Redis, which knows the workers, does not answer",
     "try again when Redis is back"},
    {"STOPPING", 503, "the server is stopping", "try again after Retry-After"},
    {"HTTP_VERSION", 505, "the supported versions are HTTP/1.1 and HTTP/1.0",
     "send the request with one of them"},
    {"DISK_FULL", 507, "the disk of the server is full",
     "try again when its operator has freed space; an upload can be resumed"},
    {"DISK_READONLY", 507, "the disk of the server cannot be written",
     "ask its operator; an upload can be resumed later"},
});

constexpr auto kCommon = std::to_array<std::string_view>(
    {"BAD_CHUNK", "BAD_ENCODING", "BAD_QUERY", "BAD_REQUEST", "REPEATED_FIELD", "TRUNCATED",
     "TOO_SLOW", "BODY_TOO_LARGE", "BUSY", "URI_TOO_LONG", "HEAD_TOO_LARGE", "INTERNAL",
     "EXPECTATION_FAILED", "FOREIGN_HOST", "REPLAY", "NOT_IMPLEMENTED", "OVERLOADED", "STOPPING",
     "HTTP_VERSION"});

}  // namespace

const ProblemCode& problemCode(std::string_view code) {
    const auto* found = std::ranges::find(kCodes, code, &ProblemCode::code);
    if (found != kCodes.end()) return *found;
    throw std::logic_error("no problem has the code " + std::string(code));
}

http::Problem withRemedy(http::Problem problem) {
    if (problem.detail.find("; ") != std::string::npos) return problem;
    const auto* known = std::ranges::find(kCodes, problem.code, &ProblemCode::code);
    if (known == kCodes.end()) return problem;
    if (problem.detail.empty()) problem.detail = known->meaning;
    problem.detail.append("; ").append(known->remedy);
    return problem;
}

std::span<const std::string_view> commonProblems() { return kCommon; }

}  // namespace sheafline::api
