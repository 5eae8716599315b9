// What a user may do: a viewer reads its own batches, an operator also creates, cancels, retries
// and fixes its own, an admin all of that with everybody's and the users. Ordered: a greater role
// may do whatever a lesser one may.
#pragma once

#include <optional>
#include <string_view>

namespace sheafline {

enum class Role { viewer, operator_, admin };

std::string_view toString(Role role);
std::optional<Role> roleNamed(std::string_view name);

}  // namespace sheafline
