// What a user may do: a viewer reads its own batches; an operator also creates, cancels, retries
// and fixes its own; an admin may do this with the batches of all users, and manages users.
// Ordered: a greater role includes the rights of a lesser one.
#pragma once

#include <optional>
#include <string_view>

namespace sheafline {

enum class Role { viewer, operator_, admin };

std::string_view toString(Role role);
std::optional<Role> roleNamed(std::string_view name);

}  // namespace sheafline
