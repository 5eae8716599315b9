#include "api/routes/audit_routes.h"

#include <limits>

#include "api/bodies/list_page.h"
#include "base/clocks.h"
#include "batches/batch_json.h"

namespace sheafline::api {

namespace {

std::string entryJson(const AuditEntry& entry) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("id", entry.id);
    object.set("at", utcText(entry.at * 1000));
    object.set("user", entry.user);
    object.set("address", entry.address);
    object.set("action", entry.action);
    object.set("subject", entry.subject);
    object.set("detail", entry.detail);
    object.set("status", entry.status);
    return compactJson(object);
}

void list(ApiRequest& request, AuditStore& audit) {
    const std::size_t limit = pageLimit(request);
    constexpr auto kLastId = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const AuditFilter filter{
        .user = request.query("user"),
        .action = request.query("action"),
        .subject = request.query("subject"),
        .before_id = static_cast<std::int64_t>(request.queryNumber("after", 0, kLastId)),
        .limit = static_cast<int>(limit) + 1};
    request.sendJson(pageJson(audit.list(filter), limit, entryJson,
                              [](const AuditEntry& entry) { return std::to_string(entry.id); }));
}

}  // namespace

void addAuditRoutes(ApiRoutes& routes, AuditStore& audit) {
    routes.add("GET", "/api/audit",
               {.id = "listAuditEntries",
                .access = Access::admin,
                .summary = "The audit trail, newest first: who did what, when and from where",
                .query = {"user", "action", "subject", "limit", "after"},
                .gives = "AuditEntryList"},
               [&audit](ApiRequest& request) { list(request, audit); });
}

}  // namespace sheafline::api
