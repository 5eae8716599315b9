#include "accounts/role.h"

namespace sheafline {

std::string_view toString(Role role) {
    switch (role) {
        case Role::viewer:
            return "viewer";
        case Role::reviewer:
            return "reviewer";
        case Role::operator_:
            return "operator";
        case Role::admin:
            return "admin";
    }
    return "";
}

std::optional<Role> roleNamed(std::string_view name) {
    for (const Role role : {Role::viewer, Role::reviewer, Role::operator_, Role::admin}) {
        if (toString(role) == name) return role;
    }
    return std::nullopt;
}

}  // namespace sheafline
