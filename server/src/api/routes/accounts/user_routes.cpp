#include "api/routes/accounts/user_routes.h"

#include <sheafline/error.h>

#include "accounts/passwords/password_rules.h"
#include "api/bodies/list_page.h"
#include "api/bodies/text_fields.h"
#include "base/clocks.h"
#include "batches/batch_json.h"

namespace sheafline::api {

namespace {

using http::HttpError;
using http::Problem;

std::string userJson(const User& user) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("user", user.name);
    object.set("role", std::string(toString(user.role)));
    object.set("disabled", user.disabled);
    object.set("created_at", utcText(user.created_at * 1000));
    return compactJson(object);
}

Role roleOf(const std::string& name) {
    if (const auto role = roleNamed(name)) return *role;
    throw wrongField("role", "a role is viewer, reviewer, operator or admin");
}

std::string hashOf(const std::string& password, const std::string& user, PasswordHasher& hasher) {
    if (const auto finding = passwordError(password, user)) throw wrongField("password", *finding);
    return hasher.hash(password);
}

// Runs a change of the accounts; turns errors in the request into their status.
template <typename Change>
void changing(Change change) {
    try {
        change();
    } catch (const Error& error) {
        if (error.code() == "NO_SUCH_USER")
            throw HttpError(404, "NO_SUCH_USER", "there is no such user");
        if (error.code() == "USER_EXISTS" || error.code() == "LAST_ADMIN")
            throw HttpError(409, error.code(), error.what());
        if (error.code() == "USER_NAME") throw wrongField("user", error.what());
        if (error.code() == "BUSY")
            throw HttpError(Problem{.status = 503,
                                    .code = "BUSY",
                                    .detail = "too much at once; try again",
                                    .fields = {{"Retry-After", "1"}}});
        throw;
    }
}

std::string existing(AccountStore& accounts, const std::string& name) {
    const auto found = accounts.credentials(name);
    if (!found) throw HttpError(404, "NO_SUCH_USER", "there is no such user");
    return userJson(found->user);
}

void create(ApiRequest& request, AccountStore& accounts, PasswordHasher& hasher) {
    const auto json = request.json({"user", "password", "role"});
    const auto name = textOf(*json, "user");
    const auto password = textOf(*json, "password");
    if (!name) throw wrongField("user", "a name is required");
    request.audit.subject = *name;
    if (!password) throw wrongField("password", "a password is required");
    const Role role = roleOf(textOf(*json, "role").value_or("viewer"));
    changing([&] {
        requireUserName(*name);
        accounts.add(*name, role, hashOf(*password, *name, hasher), wallMs() / 1000,
                     PasswordKind::given);
    });
    request.sendJson(existing(accounts, *name), 201);
}

// Checks the whole request before anything is changed, and makes all changes together.
void change(ApiRequest& request, AccountStore& accounts, PasswordHasher& hasher) {
    const std::string& name = request.param("name");
    const auto json = request.json({"password", "role", "disabled"});
    const auto role = textOf(*json, "role");
    const auto password = textOf(*json, "password");
    UserChange change;
    if (role) change.role = roleOf(*role);
    if (json->has("disabled")) {
        if (!json->get("disabled").isBoolean())
            throw wrongField("disabled", "must be true or false");
        change.disabled = json->getValue<bool>("disabled");
    }
    if (name == request.caller.user) change.password_kind = PasswordKind::own;
    existing(accounts, name);
    if (!role && !password && !change.disabled) return request.sendJson(existing(accounts, name));
    changing([&] {
        if (password) change.password_hash = hashOf(*password, name, hasher);
        accounts.update(name, change);
    });
    request.sendJson(existing(accounts, name));
}

}  // namespace

void addUserRoutes(ApiRoutes& routes, AccountStore& accounts, PasswordHasher& hasher) {
    routes.add(
        "GET", "/api/users",
        {.id = "listUsers", .access = Access::admin, .summary = "The users", .gives = "UserList"},
        [&accounts](ApiRequest& request) {
            const auto users = accounts.users();
            request.sendJson(pageJson(users, users.size(), userJson,
                                      [](const User& user) { return user.name; }));
        });
    routes.add("POST", "/api/users",
               {.id = "addUser",
                .access = Access::admin,
                .summary = "Adds a user: user, password, role",
                .body = "application/json",
                .takes = "NewUser",
                .gives = "User",
                .status = 201,
                .errors = {"BAD_JSON", "WRONG_TYPE", "USER_EXISTS", "INVALID_FIELD"},
                .options = {.pool = http::Pool::hashing}},
               [&](ApiRequest& request) { create(request, accounts, hasher); });
    routes.add("PATCH", "/api/users/{name}",
               {.id = "changeUser",
                .access = Access::admin,
                .summary = "Changes password, role or disabled; this ends the user's sessions",
                .body = "application/json",
                .takes = "UserChange",
                .gives = "User",
                .errors = {"BAD_JSON", "WRONG_TYPE", "NO_SUCH_USER", "LAST_ADMIN", "INVALID_FIELD"},
                .options = {.pool = http::Pool::hashing}},
               [&](ApiRequest& request) { change(request, accounts, hasher); });
    routes.add("DELETE", "/api/users/{name}",
               {.id = "removeUser",
                .access = Access::admin,
                .summary = "Removes a user; the name is not given out again",
                .answer = "",
                .status = 204,
                .errors = {"NO_SUCH_USER", "LAST_ADMIN"}},
               [&accounts](ApiRequest& request) {
                   changing([&] { accounts.remove(request.param("name")); });
                   request.sendNothing();
               });
}

}  // namespace sheafline::api
