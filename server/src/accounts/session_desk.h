// Where sessions are opened, known and ended: on the server that has the accounts it is SignIn, on
// the others SharedSignIn. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/role.h"

namespace sheafline {

struct Identity {
    std::string user{};
    Role role = Role::viewer;
    std::string session{};        // to be given to logout(), ticket() and isOpen()
    std::int64_t expires_at = 0;  // of the token, seconds since 1970
};

struct LoginResult {
    std::string token{};  // empty: refused, in the same words whatever the reason
    std::int64_t expires_in_seconds = 0;
    std::int64_t retry_after_seconds = 0;  // > 0: too many attempts (429)
};

class SessionDesk {
 public:
    virtual ~SessionDesk() = default;

    virtual LoginResult login(std::string_view name, std::string_view password,
                              std::string_view address) = 0;
    virtual std::optional<Identity> identify(std::string_view token) = 0;
    // A new token for the same session; the old one ends soon. Twice from the same token, long
    // after: somebody else has it, and the session ends.
    virtual LoginResult refresh(std::string_view token) = 0;
    virtual void logout(const Identity& identity) = 0;

    virtual std::string ticket(const Identity& identity, const std::string& batch_id) = 0;
    virtual std::optional<Identity> identifyTicket(std::string_view ticket,
                                                   std::string_view batch_id) = 0;
    // Another server that asks for the history of this batch.
    virtual bool isServer(std::string_view token, std::string_view batch_id) = 0;
    // For whoever holds a stream open: is it to go on? Ask again when revision() has changed.
    virtual bool isOpen(const Identity& identity) = 0;
    virtual std::int64_t revision() = 0;

    // Now and then: forgets sessions that nothing can depend on any more.
    virtual void sweep() = 0;
};

}  // namespace sheafline
