// POST /api/batches: an order as JSON, or the archive itself as the body.
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/error.h>

#include "api/bodies/batch_order.h"
#include "api/bodies/text_fields.h"
#include "api/bodies/upload_body.h"
#include "api/routes/upload_routes.h"
#include "batches/batch_json.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::uint64_t kOrderBytes = 12ULL << 20U;  // with a file of 8 MiB in base64

void answer(ApiRequest& request, const OpenedUpload& opened, const UploadParts& parts) {
    const auto batch = parts.readers.take()->batch(opened.batch_id);
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    request.audit.subject = opened.batch_id;
    object.set("batch_id", opened.batch_id);
    object.set("state", std::string(toString(batch.value().state)));
    if (batch->state == BatchState::uploading)
        object.set("upload_url", "/api/uploads/" + opened.batch_id);
    request.response().set("Location", "/api/batches/" + opened.batch_id);
    request.sendJson(compactJson(object), 201);
}

// If it is absent or null, the length is not declared.
std::optional<std::uint64_t> lengthOf(const Poco::JSON::Object& json) {
    if (json.isNull("length")) return std::nullopt;
    const auto value = json.get("length");
    try {
        if (value.isInteger() && !value.isBoolean()) return value.convert<std::uint64_t>();
    } catch (const Poco::Exception&) {  // NOLINT(bugprone-empty-catch): negative, or too large
    }
    throw wrongField("length",
                     "'length' must be the number of bytes of the archive, such as 1048576");
}

std::string digestOf(const Poco::JSON::Object& json) {
    if (json.isNull("sha256")) return {};
    const auto value = json.get("sha256");
    if (value.isString()) {
        auto text = value.extract<std::string>();
        const bool hexadecimal = text.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (text.size() == 64 && hexadecimal) return text;
    }
    throw wrongField("sha256", "'sha256' must be 64 hexadecimal digits in lower case");
}

class JsonOrder : public BodyConsumer {
 public:
    explicit JsonOrder(const UploadParts& parts) : parts_(parts) {}

    bool take(std::span<const char> bytes) override {
        if (text_.size() + bytes.size() > kOrderBytes)
            throw HttpError(413, "BODY_TOO_LARGE",
                            "an order has at most 12 MiB, with the files of its params");
        text_.append(bytes.data(), bytes.size());
        return true;
    }
    void end(ApiRequest& request, http::BodyEnd how) override {
        if (how != http::BodyEnd::whole) return;
        request.setBody(std::move(text_));
        create(request);
    }

 private:
    void create(ApiRequest& request) {
        const auto json =
            request.json({"pipeline", "params", "length", "sha256", "name", "filename", "labels"});
        UploadOrder order{.batch = orderOf(*json, request.caller),
                          .idempotency_key = request.header("Idempotency-Key")};
        order.length = lengthOf(*json);
        order.sha256 = digestOf(*json);
        const OpenedUpload opened = creating([&] { return parts_.desk.open(order); });
        requireOk(opened.result);
        answer(request, opened, parts_);
    }

    const UploadParts& parts_;
    std::string text_{};
};

// The archive itself as the body. Its client does not know the batch's id before the answer, so a
// body that breaks off ends the batch.
class ArchiveBody : public BodyConsumer {
 public:
    ArchiveBody(OpenedUpload opened, std::string user, bool length_known, const UploadParts& parts)
        : opened_(std::move(opened)),
          user_(std::move(user)),
          length_known_(length_known),
          parts_(parts) {}
    ~ArchiveBody() override {
        if (!ended_) abandon();
    }
    ArchiveBody(const ArchiveBody&) = delete;
    ArchiveBody& operator=(const ArchiveBody&) = delete;

    void start(const ApiRequest& request) {
        AppendStart start = parts_.desk.append(opened_.batch_id, user_,
                                               {.body_bytes = request.call().head.content_length});
        if (!start.session) requireOk(start.result);
        body_.emplace(std::move(start.session), *request.call().exchange);
    }

    bool take(std::span<const char> bytes) override { return body_->take(bytes); }
    void end(ApiRequest& request, http::BodyEnd how) override {
        const auto result = body_->end(how, length_known_);
        if (!result) return;
        requireOk(*result);
        if (!result->complete)
            throw HttpError(400, "TRUNCATED", "the body ended early; send the archive again");
        requireOk(parts_.desk.complete(opened_.batch_id, user_));
        ended_ = true;
        answer(request, opened_, parts_);
    }

 private:
    void abandon() noexcept {
        try {
            body_.reset();  // releases the upload
            const auto batch = parts_.readers.take()->batch(opened_.batch_id);
            if (batch && batch->state == BatchState::uploading)
                parts_.desk.abandon(opened_.batch_id, user_, "UPLOAD_BROKE_OFF",
                                    "the upload broke off; send the archive again");
        } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): sweep() does it later
        }
    }

    const OpenedUpload opened_;
    const std::string user_;
    const bool length_known_;
    const UploadParts& parts_;
    std::optional<UploadBody> body_{};
    bool ended_ = false;
};

std::unique_ptr<BodyConsumer> archive(ApiRequest& request, const UploadParts& parts) {
    UploadOrder order{.batch = orderOfQuery(request),
                      .length = request.call().head.content_length,
                      .sha256 = request.query("sha256").value_or(""),
                      .metadata = "",
                      .idempotency_key = request.header("Idempotency-Key"),
                      .requires_upload = true};
    const OpenedUpload opened = creating([&] { return parts.desk.open(order); });
    requireOk(opened.result);
    if (opened.repeated) {
        answer(request, opened, parts);
        return nullptr;
    }
    auto body =
        std::make_unique<ArchiveBody>(opened, request.caller.user, order.length.has_value(), parts);
    body->start(request);
    return body;
}

}  // namespace

void addCreateRoutes(ApiRoutes& routes, const UploadParts& parts) {
    routes.addStreamed(
        "POST", "/api/batches",
        {.id = "createBatch",
         .access = Access::creator,
         .summary = "Creates a batch: from JSON {pipeline, params, length or sha256}, or from "
                    "the archive as the body, with ?pipeline=&set.KEY=",
         .query = {"pipeline", "filename", "name", "sha256", "set.*", "label.*"},
         .body = "application/json",
         .takes = "NewBatch",
         .archive = "application/octet-stream",
         .gives = "CreatedBatch",
         .status = 201,
         .errors = {"BAD_JSON",           "BODY_TRUNCATED",  "EMPTY_UPLOAD",
                    "NOT_FOUND",          "BATCH_EXISTS",    "OFFSET_MISMATCH",
                    "UPLOAD_EXISTS",      "UPLOAD_GONE",     "LENGTH_REQUIRED",
                    "MORE_THAN_DECLARED", "QUOTA",           "UPLOAD_TOO_LARGE",
                    "CHECKSUM",           "INVALID_FIELD",   "INVALID_PARAMS",
                    "KEY_REUSED",         "NO_UPLOAD",       "UPLOAD_LOCKED",
                    "UPLOAD_TAKEN_OVER",  "TOO_MANY_UPLOADS"},
         .options = {.body_limit = parts.max_bytes}},
        [&parts](ApiRequest& request) -> std::unique_ptr<BodyConsumer> {
            if (request.header("Content-Type").starts_with("application/json"))
                return std::make_unique<JsonOrder>(parts);
            return archive(request, parts);
        });
}

}  // namespace sheafline::api
