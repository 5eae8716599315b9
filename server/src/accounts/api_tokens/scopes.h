// What an API token may do. Its rights are never more than those of its user's role.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sheafline {

struct Scopes {
    bool read = false;
    bool create = false;  // batches and uploads
    bool decide = false;  // cancel, retry, fix, remove
    bool admin = false;   // users, and the batches of all users

    static Scopes all() { return {.read = true, .create = true, .decide = true, .admin = true}; }
    bool operator==(const Scopes&) const = default;
};

std::vector<std::string> namesOf(const Scopes& scopes);
// Nothing if a name is unknown, or there is none.
std::optional<Scopes> scopesNamed(const std::vector<std::string>& names);

}  // namespace sheafline
