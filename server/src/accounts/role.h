// What a user may do: a viewer reads its own batches and those shared with it; a reviewer also
// decides about them; an operator also creates batches, and cancels, retries, removes and shares
// its own; an admin may do this with the batches of all users, and manages users.
// Ordered: a greater role includes the rights of a lesser one.
#pragma once

#include <optional>
#include <string_view>

namespace sheafline {

enum class Role { viewer, reviewer, operator_, admin };

std::string_view toString(Role role);
std::optional<Role> roleNamed(std::string_view name);

}  // namespace sheafline
