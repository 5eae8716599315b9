#include "api/routes/upload_routes.h"

#include <memory>
#include <optional>
#include <utility>

#include <Poco/Net/HTTPServerResponse.h>

#include "api/bodies/tus_headers.h"
#include "api/bodies/upload_body.h"
#include "uploads/checksum.h"

namespace sheafline::api {

namespace {

using http::HttpError;

void head(ApiRequest& request, const UploadParts& parts) {
    requireTus(request);
    const UploadResult result = parts.desk.head(request.param("id"), request.caller.user);
    requireOk(result);
    auto& response = request.response();
    response.set("Upload-Offset", std::to_string(result.offset));
    if (result.info.length) response.set("Upload-Length", std::to_string(*result.info.length));
    if (!result.info.metadata.empty()) response.set("Upload-Metadata", result.info.metadata);
    if (!result.complete) setExpiry(request, result.info);
    response.set("Cache-Control", "no-store");
    request.sendNothing(200);
}

AppendOptions appendOptions(const ApiRequest& request) {
    const auto offset = numberHeader(request, "Upload-Offset");
    if (!offset) throw HttpError(400, "BAD_HEADER", "Upload-Offset is missing");
    return {.offset = *offset,
            .body_bytes = request.call().head.content_length,
            .checksum = uploadChecksum(request)};
}

// A declared length cannot change. An upload of another user is answered like a missing one.
void requireSameLength(const ApiRequest& request, const std::optional<UploadInfo>& upload) {
    const auto length = numberHeader(request, "Upload-Length");
    if (!length || !upload || upload->owner != request.caller.user) return;
    if (upload->length != length)
        throw HttpError(400, "LENGTH_CHANGED", "the upload was declared with another length");
}

void answerPatch(ApiRequest& request, const UploadParts& parts, const UploadResult& result) {
    requireOk(result);
    if (result.complete) requireOk(parts.desk.complete(request.param("id"), request.caller.user));
    request.response().set("Upload-Offset", std::to_string(result.offset));
    if (!result.complete) setExpiry(request, result.info);
    request.sendNothing();
}

class PatchBody : public BodyConsumer {
 public:
    PatchBody(std::unique_ptr<AppendSession> session, const http::Exchange& exchange,
              const UploadParts& parts)
        : body_(std::move(session), exchange), parts_(parts) {}

    bool take(std::span<const char> bytes) override { return body_.take(bytes); }
    void end(ApiRequest& request, http::BodyEnd how) override {
        if (const auto result = body_.end(how)) answerPatch(request, parts_, *result);
    }

 private:
    UploadBody body_;
    const UploadParts& parts_;
};

std::unique_ptr<BodyConsumer> patch(ApiRequest& request, const UploadParts& parts) {
    requireTus(request);
    if (request.header("Content-Type") != kTusBody)
        throw HttpError(415, "WRONG_TYPE",
                        "send the bytes with Content-Type: " + std::string(kTusBody));
    const std::string& id = request.param("id");
    requireSameLength(request, parts.desk.store().info(id));
    AppendStart start = parts.desk.append(id, request.caller.user, appendOptions(request));
    if (start.session)
        return std::make_unique<PatchBody>(std::move(start.session), *request.call().exchange,
                                           parts);
    answerPatch(request, parts, start.result);
    return nullptr;
}

void remove(ApiRequest& request, const UploadParts& parts) {
    requireTus(request);
    requireOk(parts.desk.remove(request.param("id"), request.caller.user));
    request.sendNothing();
}

void options(ApiRequest& request, const UploadParts& parts) {
    auto& response = request.response();
    response.set("Tus-Resumable", "1.0.0");
    response.set("Tus-Version", "1.0.0");
    response.set("Tus-Extension", "creation,creation-with-upload,checksum,expiration,termination");
    response.set("Tus-Checksum-Algorithm", std::string(kChecksumAlgorithms));
    response.set("Tus-Max-Size", std::to_string(parts.max_bytes));
    response.set("Allow", "POST, OPTIONS");
    request.sendNothing();
}

}  // namespace

void addUploadRoutes(ApiRoutes& routes, const UploadParts& parts) {
    routes.add("OPTIONS", "/api/uploads",
               {.id = "getUploadOptions",
                .access = Access::open,
                .summary = "What of tus 1.0 is spoken",
                .answer = "",
                .status = 204},
               [&parts](ApiRequest& request) { options(request, parts); });
    routes.add("GET", "/api/uploads/{id}",
               {.id = "getUpload",
                .access = Access::creator,
                .summary = "How far an upload is, in its headers (tus HEAD)",
                .answer = "",
                .errors = {"NOT_FOUND", "UPLOAD_GONE", "TUS_VERSION", "UPLOAD_LOCKED"},
                .options = {.pool = http::Pool::bulk}},
               [&parts](ApiRequest& request) { head(request, parts); });
    routes.addStreamed(
        "PATCH", "/api/uploads/{id}",
        {.id = "appendToUpload",
         .access = Access::creator,
         .summary = "The next bytes of an upload (tus)",
         .body = "application/offset+octet-stream",
         .answer = "",
         .status = 204,
         .errors = {"BAD_CHECKSUM", "BAD_HEADER", "BODY_TRUNCATED", "LENGTH_CHANGED", "NOT_FOUND",
                    "OFFSET_MISMATCH", "UPLOAD_GONE", "TUS_VERSION", "MORE_THAN_DECLARED",
                    "UPLOAD_TOO_LARGE", "WRONG_TYPE", "CHECKSUM", "UPLOAD_LOCKED",
                    "UPLOAD_TAKEN_OVER", "CHECKSUM_MISMATCH"},
         .options = {.body_limit = parts.max_bytes}},
        [&parts](ApiRequest& request) { return patch(request, parts); });
    routes.add("DELETE", "/api/uploads/{id}",
               {.id = "removeUpload",
                .access = Access::creator,
                .summary = "Gives an upload up, and its batch (tus termination)",
                .answer = "",
                .status = 204,
                .errors = {"NOT_FOUND", "UPLOAD_GONE", "TUS_VERSION", "UPLOAD_LOCKED"},
                .options = {.pool = http::Pool::bulk}},
               [&parts](ApiRequest& request) { remove(request, parts); });
}

}  // namespace sheafline::api
