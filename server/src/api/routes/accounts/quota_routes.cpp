// The quota of a user: what is used, and the limits.
#include <Poco/JSON/Object.h>

#include <sheafline/error.h>

#include "api/bodies/text_fields.h"
#include "api/routes/accounts/user_routes.h"
#include "batches/batch_json.h"

namespace sheafline::api {

namespace {

using Poco::JSON::Object;

// JSON numbers are exact up to here in every client.
constexpr std::int64_t kMostBytes = std::int64_t{1} << 53;
constexpr std::int64_t kMostUploads = 1'000;

Object limitJson(std::uint64_t used, std::uint64_t standard, std::optional<std::uint64_t> own) {
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("used", used);
    object.set("limit", own.value_or(standard));
    own ? object.set("own_limit", *own) : object.set("own_limit", Poco::Dynamic::Var());
    return object;
}

void sendQuota(ApiRequest& request, const QuotaParts& parts, const std::string& user) {
    const UserQuota quota = parts.accounts.quotaOf(user);
    const UserUsage used = parts.uploads.usageOf(user);
    const UploadLimits& limits = parts.uploads.limits();
    Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("user", user);
    object.set("bytes", limitJson(used.bytes, limits.user_bytes, quota.bytes));
    object.set("uploads", limitJson(used.open_uploads, limits.user_open, quota.uploads));
    request.sendJson(compactJson(object));
}

// Absent or null: the limit of the server's settings.
std::optional<std::uint64_t> limitOf(const Object& json, const std::string& name,
                                     std::int64_t most) {
    if (!json.has(name) || json.get(name).isEmpty()) return std::nullopt;
    const auto value = json.get(name);
    const std::string detail = "'" + name + "' must be a whole number from 0 to " +
                               std::to_string(most) + ", or null for the limit of the server";
    if (!value.isInteger() || value.isBoolean()) throw wrongField(name, detail);
    try {
        const auto number = value.convert<std::int64_t>();
        if (number >= 0 && number <= most) return static_cast<std::uint64_t>(number);
    } catch (const Poco::Exception&) {  // more than 64 bits
        throw wrongField(name, detail);
    }
    throw wrongField(name, detail);
}

void setQuota(ApiRequest& request, const QuotaParts& parts) {
    const auto json = request.json({"bytes", "uploads"});
    const UserQuota quota{.bytes = limitOf(*json, "bytes", kMostBytes),
                          .uploads = limitOf(*json, "uploads", kMostUploads)};
    const std::string& name = existingUser(request, parts.accounts);
    try {
        parts.accounts.setQuota(name, quota);
    } catch (const Error& error) {
        if (error.code() != "NO_SUCH_USER") throw;
        throw http::HttpError(404, "NO_SUCH_USER", "there is no such user");
    }
    sendQuota(request, parts, name);
}

}  // namespace

void addQuotaRoutes(ApiRoutes& routes, const QuotaParts& parts) {
    routes.add("GET", "/api/auth/quota",
               {.id = "getOwnQuota",
                .summary = "What your uploads and batches use, and your limits",
                .gives = "Quota"},
               [&parts](ApiRequest& request) { sendQuota(request, parts, request.caller.user); });
    routes.add("GET", "/api/users/{name}/quota",
               {.id = "getUserQuota",
                .access = Access::admin,
                .summary = "What a user's uploads and batches use, and the limits",
                .gives = "Quota",
                .errors = {"NO_SUCH_USER"}},
               [&parts](ApiRequest& request) {
                   sendQuota(request, parts, existingUser(request, parts.accounts));
               });
    routes.add("PUT", "/api/users/{name}/quota",
               {.id = "setUserQuota",
                .access = Access::admin,
                .summary = "Sets the limits of a user; without one, the server's setting applies",
                .body = "application/json",
                .takes = "QuotaLimits",
                .gives = "Quota",
                .errors = {"BAD_JSON", "WRONG_TYPE", "NO_SUCH_USER", "INVALID_FIELD"}},
               [&parts](ApiRequest& request) { setQuota(request, parts); });
}

}  // namespace sheafline::api
