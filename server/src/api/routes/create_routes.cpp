// POST /api/batches: an order as JSON, or the archive itself as the body.
#include <exception>

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/error.h>

#include "api/bodies/batch_order.h"
#include "api/bodies/upload_body.h"
#include "api/routes/upload_routes.h"
#include "batches/batch_json.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::uint64_t kOrderBytes = 1U << 20U;

void answer(ApiRequest& request, const OpenedUpload& opened, const UploadParts& parts) {
    const auto batch = parts.readers.take()->batch(opened.batch_id);
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("batch_id", opened.batch_id);
    object.set("state", std::string(toString(batch.value().state)));
    if (batch->state == BatchState::uploading)
        object.set("upload_url", "/api/uploads/" + opened.batch_id);
    request.response().set("Location", "/api/batches/" + opened.batch_id);
    request.sendJson(compactJson(object), 201);
}

void fromJson(ApiRequest& request, const UploadParts& parts) {
    if (request.call().head.content_length.value_or(kOrderBytes + 1) > kOrderBytes)
        throw HttpError(413, "BODY_TOO_LARGE", "an order has at most 1 MiB and a Content-Length");
    const auto json = request.json();
    UploadOrder order{.batch = orderOf(*json, request.caller),
                      .idempotency_key = request.header("Idempotency-Key")};
    if (json->has("length") && json->get("length").isInteger())
        order.length = json->getValue<std::uint64_t>("length");
    if (json->has("sha256") && json->get("sha256").isString())
        order.sha256 = json->getValue<std::string>("sha256");
    const OpenedUpload opened = creating([&] { return parts.desk.open(order); });
    requireOk(opened.result);
    answer(request, opened, parts);
}

void takeArchive(ApiRequest& request, const OpenedUpload& opened, const UploadParts& parts) {
    const std::string& user = request.caller.user;
    AppendStart start = parts.desk.append(opened.batch_id, user,
                                          {.body_bytes = request.call().head.content_length});
    if (!start.session) requireOk(start.result);
    copyBody(request, *start.session);
    const bool declared = request.call().head.content_length.has_value();
    const UploadResult result = declared ? start.session->finish() : start.session->finishWhole();
    start.session.reset();
    requireOk(result);
    if (!result.complete) throw HttpError(400, "TRUNCATED", "the body ended early");
    requireOk(parts.desk.complete(opened.batch_id, user));
}

void fromArchive(ApiRequest& request, const UploadParts& parts) {
    UploadOrder order{.batch = orderOfQuery(request),
                      .length = request.call().head.content_length,
                      .sha256 = request.query("sha256").value_or(""),
                      .metadata = "",
                      .idempotency_key = request.header("Idempotency-Key")};
    const OpenedUpload opened = creating([&] { return parts.desk.open(order); });
    requireOk(opened.result);
    if (opened.repeated) return answer(request, opened, parts);
    if (!opened.wants_upload) throw HttpError(422, "NO_UPLOAD", "the pipeline takes no file");
    try {
        takeArchive(request, opened, parts);
    } catch (const std::exception&) {
        // Nobody knows the id yet, so nobody could go on.
        const auto batch = parts.readers.take()->batch(opened.batch_id);
        if (batch && batch->state == BatchState::uploading)
            parts.desk.abandon(opened.batch_id, request.caller.user, "UPLOAD_BROKE_OFF",
                               "the upload broke off");
        throw;
    }
    answer(request, opened, parts);
}

}  // namespace

void addCreateRoutes(ApiRoutes& routes, const UploadParts& parts) {
    routes.add(
        "POST", "/api/batches",
        {.access = Access::changer,
         .summary = "Creates a batch: from JSON {pipeline, params, length or sha256}, or from "
                    "the archive as the body, with ?pipeline=&set.KEY=",
         .query = {"pipeline", "filename", "sha256", "set.*"},
         .body = "application/json",
         .status = 201,
         .errors = {"BAD_JSON",           "BODY_TRUNCATED",  "EMPTY_UPLOAD",
                    "NOT_FOUND",          "BATCH_EXISTS",    "OFFSET_MISMATCH",
                    "UPLOAD_EXISTS",      "UPLOAD_GONE",     "LENGTH_REQUIRED",
                    "MORE_THAN_DECLARED", "QUOTA",           "UPLOAD_TOO_LARGE",
                    "CHECKSUM",           "INVALID_FIELD",   "INVALID_PARAMS",
                    "KEY_REUSED",         "NO_UPLOAD",       "UPLOAD_LOCKED",
                    "UPLOAD_TAKEN_OVER",  "TOO_MANY_UPLOADS"},
         .options = {.body_limit = parts.max_bytes, .body = http::BodyMode::streamed}},
        [&parts](ApiRequest& request) {
            request.header("Content-Type").starts_with("application/json")
                ? fromJson(request, parts)
                : fromArchive(request, parts);
        });
}

}  // namespace sheafline::api
