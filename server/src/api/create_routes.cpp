#include "api/create_routes.h"

#include <Poco/JSON/Object.h>
#include <Poco/Net/HTTPServerResponse.h>

#include "api/batch_order.h"
#include "batch_json.h"

namespace sheafline::api {

namespace {

void create(ApiRequest& request, const BatchParts& parts) {
    const BatchOrder order = orderOf(*request.json(), request.caller);
    const CreatedBatch created = creating([&] { return parts.intake.create(order); });
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("batch_id", created.batch_id);
    object.set("state", created.wants_upload ? "uploading" : "queued");
    request.response().set("Location", "/api/batches/" + created.batch_id);
    request.sendJson(compactJson(object), 201);
}

}  // namespace

void addCreateRoutes(ApiRoutes& routes, const BatchParts& parts) {
    routes.add("POST", "/api/batches",
               {.access = Access::changer,
                .summary = "Creates a batch: {\"pipeline\": NAME, \"params\": {…}}",
                .body = "application/json",
                .status = 201,
                .errors = {409, 413, 415, 422}},
               [&parts](ApiRequest& request) { create(request, parts); });
}

}  // namespace sheafline::api
