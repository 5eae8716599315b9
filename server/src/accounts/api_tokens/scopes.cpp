#include "accounts/api_tokens/scopes.h"

namespace sheafline {

std::vector<std::string> namesOf(const Scopes& scopes) {
    std::vector<std::string> names;
    if (scopes.read) names.emplace_back("read");
    if (scopes.create) names.emplace_back("create");
    if (scopes.decide) names.emplace_back("decide");
    if (scopes.admin) names.emplace_back("admin");
    return names;
}

std::optional<Scopes> scopesNamed(const std::vector<std::string>& names) {
    if (names.empty()) return std::nullopt;
    Scopes scopes;
    for (const std::string& name : names) {
        if (name == "read")
            scopes.read = true;
        else if (name == "create")
            scopes.create = true;
        else if (name == "decide")
            scopes.decide = true;
        else if (name == "admin")
            scopes.admin = true;
        else
            return std::nullopt;
    }
    return scopes;
}

}  // namespace sheafline
