#include "decisions/share_json.h"

#include <utility>

#include <Poco/JSON/Array.h>

#include "accounts/account_store.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostUsers = 1000;

}  // namespace

Poco::JSON::Object sharesJson(const Shares& shares) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    Poco::JSON::Array users;
    for (const std::string& user : shares.users) users.add(user);
    object.set("users", users);
    object.set("everybody", shares.everybody);
    return object;
}

Shares sharesOf(const Poco::JSON::Object& json) {
    Shares shares;
    if (json.has("everybody")) {
        if (!json.get("everybody").isBoolean())
            throw InvalidShares("everybody", "'everybody' must be true or false");
        shares.everybody = json.getValue<bool>("everybody");
    }
    if (!json.has("users")) return shares;
    if (!json.isArray("users"))
        throw InvalidShares("users", "'users' must be a list of names of users");
    const auto list = json.getArray("users");
    if (list->size() > kMostUsers)
        throw InvalidShares("users", "a batch is shared with at most " +
                                         std::to_string(kMostUsers) +
                                         " users; share it with everybody");
    for (const auto& name : *list) {
        const std::string place = "users/" + std::to_string(shares.users.size());
        if (!name.isString()) throw InvalidShares(place, "the name of a user must be a text");
        shares.users.push_back(name.extract<std::string>());
        try {
            requireUserName(shares.users.back());
        } catch (const Error& error) {
            throw InvalidShares(place, error.what());
        }
    }
    return shares;
}

std::string sharesText(const Shares& shares) {
    if (shares.everybody) return "everybody";
    if (shares.users.empty()) return "nobody";
    std::string text;
    for (const std::string& user : shares.users) text += (text.empty() ? "" : ", ") + user;
    return text;
}

}  // namespace sheafline
