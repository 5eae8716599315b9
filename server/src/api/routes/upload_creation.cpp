// tus creation and creation-with-upload: POST /api/uploads makes an upload and its batch; a body
// of type application/offset+octet-stream holds the first bytes, or all of them.
#include <memory>
#include <optional>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPServerResponse.h>

#include "api/bodies/batch_order.h"
#include "api/bodies/tus_headers.h"
#include "api/bodies/upload_body.h"
#include "api/routes/upload_routes.h"
#include "uploads/upload_metadata.h"

namespace sheafline::api {

namespace {

using http::HttpError;

BatchOrder orderOfMetadata(const UploadMetadata& metadata, const Caller& caller) {
    Poco::JSON::Object json;
    if (const auto pipeline = metadata.find("pipeline"); pipeline != metadata.end())
        json.set("pipeline", pipeline->second);
    if (const auto params = metadata.find("params"); params != metadata.end()) {
        try {
            json.set("params", Poco::JSON::Parser().parse(params->second));
        } catch (const Poco::Exception&) {
            throw HttpError(400, "BAD_JSON", "'params' of Upload-Metadata is not a JSON object");
        }
    }
    for (const char* key : {"name", "filename"})
        if (const auto text = metadata.find(key); text != metadata.end())
            json.set(key, text->second);
    if (const auto labels = metadata.find("labels"); labels != metadata.end()) {
        try {
            json.set("labels", Poco::JSON::Parser().parse(labels->second));
        } catch (const Poco::Exception&) {
            throw HttpError(400, "BAD_JSON", "'labels' of Upload-Metadata is not a JSON object");
        }
    }
    return orderOf(json, caller);
}

UploadOrder orderOfHead(ApiRequest& request) {
    if (!request.header("Upload-Concat").empty())
        throw HttpError(400, "CONCATENATION", "tus concatenation is not supported");
    const std::string text = request.header("Upload-Metadata");
    const auto metadata = parseUploadMetadata(text);
    if (!metadata) throw HttpError(400, "BAD_HEADER", "Upload-Metadata is malformed");
    return {.batch = orderOfMetadata(*metadata, request.caller),
            .length = numberHeader(request, "Upload-Length"),
            .metadata = text,
            .idempotency_key = request.header("Idempotency-Key")};
}

void answerCreated(ApiRequest& request, const std::string& batch_id, const UploadResult& result) {
    if (!result.complete && result.info.expires_at > 0) setExpiry(request, result.info);
    request.response().set("Location", "/api/uploads/" + batch_id);
    request.response().set("Upload-Offset", std::to_string(result.offset));
    request.sendNothing(201);
}

// The first bytes of an upload that this request has created. If its client gets no answer, the
// bytes that arrived are kept: with an Idempotency-Key the client finds the upload again.
class FirstBytes : public BodyConsumer {
 public:
    FirstBytes(std::string batch_id, AppendStart start, const http::Exchange& exchange,
               const UploadParts& parts)
        : batch_id_(std::move(batch_id)),
          body_(std::move(start.session), exchange),
          parts_(parts) {}

    bool take(std::span<const char> bytes) override { return body_.take(bytes); }
    void end(ApiRequest& request, http::BodyEnd how) override {
        const auto result = body_.end(how);
        if (!result) return;
        if (result->outcome == UploadOutcome::checksum_mismatch ||
            result->outcome == UploadOutcome::no_space)
            parts_.desk.remove(batch_id_, request.caller.user);  // its client never learns the id
        requireOk(*result);
        if (result->complete) requireOk(parts_.desk.complete(batch_id_, request.caller.user));
        answerCreated(request, batch_id_, *result);
    }

 private:
    const std::string batch_id_;
    UploadBody body_;
    const UploadParts& parts_;
};

void requireFits(const http::RequestHead& head, const UploadOrder& order) {
    if (order.length && head.content_length.value_or(0) > *order.length)
        throw HttpError(413, "MORE_THAN_DECLARED",
                        "the request has more bytes than Upload-Length declares");
}

std::unique_ptr<BodyConsumer> create(ApiRequest& request, const UploadParts& parts) {
    requireTus(request);
    const http::RequestHead& head = request.call().head;
    const bool has_bytes = head.chunked || head.content_length.value_or(0) > 0;
    if (has_bytes && request.header("Content-Type") != kTusBody)
        throw HttpError(415, "WRONG_TYPE",
                        "send the first bytes with Content-Type: " + std::string(kTusBody));
    UploadOrder order = orderOfHead(request);
    order.requires_upload = has_bytes;
    requireFits(head, order);
    const auto checksum = uploadChecksum(request);
    const OpenedUpload opened = creating([&] { return parts.desk.open(order); });
    request.audit.subject = opened.batch_id;
    requireOk(opened.result);
    const std::string& id = opened.batch_id;
    // A client that repeats its request continues where the first one broke off.
    if (opened.repeated || !has_bytes) {
        UploadResult result;
        if (opened.wants_upload) result = parts.desk.head(id, request.caller.user);
        requireOk(result);
        answerCreated(request, id, result);
        return nullptr;
    }
    AppendStart start = parts.desk.append(
        id, request.caller.user, {.body_bytes = head.content_length, .checksum = checksum});
    requireOk(start.result);
    return std::make_unique<FirstBytes>(id, std::move(start), *request.call().exchange, parts);
}

}  // namespace

void addUploadCreation(ApiRoutes& routes, const UploadParts& parts) {
    routes.addStreamed(
        "POST", "/api/uploads",
        {.id = "createUpload",
         .access = Access::creator,
         .summary = "Creates an upload and its batch (tus creation); a body has its first bytes "
                    "(tus creation-with-upload)",
         .body = std::string(kTusBody),
         .body_optional = true,
         .answer = "",
         .status = 201,
         .errors = {"BAD_CHECKSUM",     "BAD_HEADER",         "BAD_JSON",      "BODY_TRUNCATED",
                    "CONCATENATION",    "EMPTY_UPLOAD",       "NOT_FOUND",     "BATCH_EXISTS",
                    "OFFSET_MISMATCH",  "UPLOAD_EXISTS",      "UPLOAD_GONE",   "LENGTH_REQUIRED",
                    "TUS_VERSION",      "MORE_THAN_DECLARED", "QUOTA",         "UPLOAD_TOO_LARGE",
                    "WRONG_TYPE",       "CHECKSUM",           "INVALID_FIELD", "INVALID_PARAMS",
                    "KEY_REUSED",       "NO_UPLOAD",          "UPLOAD_LOCKED", "UPLOAD_TAKEN_OVER",
                    "TOO_MANY_UPLOADS", "CHECKSUM_MISMATCH"},
         .options = {.body_limit = parts.max_bytes}},
        [&parts](ApiRequest& request) { return create(request, parts); });
}

}  // namespace sheafline::api
