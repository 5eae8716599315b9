// Tokens for programs: a user makes, lists and removes them.
#include <Poco/JSON/Array.h>

#include <sheafline/error.h>

#include "api/bodies/list_page.h"
#include "api/bodies/text_fields.h"
#include "api/routes/accounts/account_routes.h"
#include "base/clocks.h"
#include "batches/batch_json.h"

namespace sheafline::api {

namespace {

using http::HttpError;

constexpr std::size_t kLongestName = 100;
constexpr std::int64_t kMostDays = 3650;
constexpr std::int64_t kDaySeconds = std::int64_t{24} * 3600;

void setTime(Poco::JSON::Object& object, const char* name, std::int64_t seconds) {
    if (seconds == 0)
        object.set(name, Poco::Dynamic::Var());
    else
        object.set(name, utcText(seconds * 1000));
}

Poco::JSON::Object jsonOf(const ApiToken& token) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("id", token.id);
    object.set("name", token.name);
    Poco::JSON::Array scopes;
    for (const std::string& scope : namesOf(token.scopes)) scopes.add(scope);
    object.set("scopes", scopes);
    setTime(object, "created_at", token.created_at);
    setTime(object, "expires_at", token.expires_at);
    setTime(object, "last_used_at", token.last_used_at);
    return object;
}

std::string nameIn(const Poco::JSON::Object& json) {
    std::string name = requiredText(json, "name");
    if (name.empty() || name.size() > kLongestName)
        throw wrongField("name", "a name has 1 to 100 bytes; say what the token is for");
    return name;
}

Scopes scopesIn(const Poco::JSON::Object& json, Role role) {
    const auto wrong = [] {
        return wrongField("scopes",
                          "must be a list of one or more of read, create, decide and admin");
    };
    const auto list = json.has("scopes") && json.isArray("scopes") ? json.getArray("scopes")
                                                                   : Poco::JSON::Array::Ptr();
    if (list.isNull()) throw wrong();
    std::vector<std::string> names;
    for (const auto& name : *list) {
        if (!name.isString()) throw wrong();
        names.push_back(name.extract<std::string>());
    }
    const auto scopes = scopesNamed(names);
    if (!scopes) throw wrong();
    if ((scopes->admin && role < Role::admin) || (scopes->create && role < Role::operator_) ||
        (scopes->decide && role < Role::reviewer))
        throw wrongField("scopes", "your role does not have these rights; leave scopes out");
    return *scopes;
}

std::int64_t expiryIn(const Poco::JSON::Object& json, std::int64_t now) {
    if (json.isNull("expires_days")) return 0;
    const auto value = json.get("expires_days");
    const bool whole = value.isInteger() && !value.isBoolean();
    const std::int64_t days = whole ? value.convert<std::int64_t>() : 0;
    if (days < 1 || days > kMostDays)
        throw wrongField("expires_days", "must be a whole number of days from 1 to 3650");
    return now + days * kDaySeconds;
}

void add(ApiRequest& request, const AccountParts& parts) {
    const Identity caller = personOf(request, parts.gate);
    const auto json = request.json({"name", "scopes", "expires_days"});
    const std::int64_t now = wallMs() / 1000;
    const NewApiToken order{.user = caller.user,
                            .name = nameIn(*json),
                            .scopes = scopesIn(*json, caller.role),
                            .expires_at = expiryIn(*json, now)};
    request.audit.subject = order.name;
    try {
        const MadeApiToken made = parts.tokens.add(order, now);
        auto object = jsonOf(made.token);
        object.set("token", made.text);
        request.sendJson(compactJson(object), 201);
    } catch (const Error& error) {
        if (error.code() == "TOO_MANY_TOKENS")
            throw HttpError(409, "TOO_MANY_TOKENS", error.what());
        throw;
    }
}

void list(ApiRequest& request, const AccountParts& parts) {
    const auto tokens = parts.tokens.list(personOf(request, parts.gate).user);
    request.sendJson(pageJson(
        tokens, tokens.size(), [](const ApiToken& token) { return compactJson(jsonOf(token)); },
        [](const ApiToken& token) { return token.id; }));
}

void remove(ApiRequest& request, const AccountParts& parts) {
    const Identity caller = personOf(request, parts.gate);
    if (!parts.tokens.remove(request.param("token"), caller.user))
        throw HttpError(404, "NO_SUCH_TOKEN", "you have no such token");
    request.sendNothing();
}

}  // namespace

void addTokenRoutes(ApiRoutes& routes, const AccountParts& parts) {
    routes.add("GET", "/api/tokens",
               {.id = "listTokens",
                .summary = "Your tokens for programs, the newest first; without their texts",
                .gives = "ApiTokenList"},
               [&parts](ApiRequest& request) { list(request, parts); });
    routes.add("POST", "/api/tokens",
               {.id = "addToken",
                .summary = "Makes a token for a program; its text is shown only here",
                .body = "application/json",
                .takes = "NewApiToken",
                .gives = "CreatedApiToken",
                .status = 201,
                .errors = {"BAD_JSON", "WRONG_TYPE", "INVALID_FIELD", "TOO_MANY_TOKENS"}},
               [&parts](ApiRequest& request) { add(request, parts); });
    routes.add("DELETE", "/api/tokens/{token}",
               {.id = "removeToken",
                .summary = "Removes one of your tokens; it is invalid at once",
                .answer = "",
                .status = 204,
                .errors = {"NO_SUCH_TOKEN"}},
               [&parts](ApiRequest& request) { remove(request, parts); });
}

}  // namespace sheafline::api
