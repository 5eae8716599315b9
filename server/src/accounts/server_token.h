// Tokens with which one server asks another one. They are valid for a minute and for one place: a
// batch, or the accounts. A caller's own token never leaves the server that received it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "accounts/session_desk.h"
#include "accounts/tokens.h"

namespace sheafline {

inline constexpr std::string_view kAccountsPlace = "/accounts";  // cannot be the id of a batch

// Reads everything about one batch.
std::string serverToken(const Tokens& tokens, const std::string& batch_id, std::int64_t now);
// Acts for a caller, with the rights of the caller, and only while the session is open.
std::string serverTokenFor(const Tokens& tokens, const Identity& caller, const std::string& place,
                           std::int64_t now);
bool isServerItself(const Claims& claims);

}  // namespace sheafline
