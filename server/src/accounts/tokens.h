// Signed tokens (JWT, HS256). A session token identifies the caller; a stream ticket lets one user
// watch one batch from an EventSource, which cannot send headers; a work token lets workers on
// other hosts fetch the sheets of one batch. Each kind has its own key, header and audience, so one
// cannot be used as another. Everything is checked here except whether the session is still open,
// which SignIn looks up in its store. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/role.h"
#include "accounts/secret_key.h"

namespace sheafline {

enum class TokenKind { session, ticket, work };

struct Claims {
    std::string user{};           // sub
    Role role = Role::viewer;     // role
    std::string session{};        // jti
    std::int64_t generation = 0;  // gen: how often the session was refreshed; 0 in a ticket
    std::string batch{};          // batch: empty in a session token
    std::int64_t issued_at = 0;   // iat and nbf, seconds since 1970
    std::int64_t expires_at = 0;  // exp

    bool operator==(const Claims&) const = default;
};

class Tokens {
 public:
    // Tokens that were issued before a rotation are verified by the old key.
    explicit Tokens(const SecretKey& key, const std::optional<OldKey>& old = std::nullopt);
    ~Tokens();
    Tokens(const Tokens&) = delete;
    Tokens& operator=(const Tokens&) = delete;

    std::string issue(TokenKind kind, const Claims& claims) const;
    // Empty if the text is not exactly what issue() made with this key, or if it is not valid now.
    // The reason is not returned on purpose.
    std::optional<Claims> verify(TokenKind kind, std::string_view text, std::int64_t now) const;

 private:
    struct Kind;
    const Kind& of(TokenKind kind) const;

    std::optional<Claims> verifyByOwnKey(TokenKind kind, std::string_view text,
                                         std::int64_t now) const;

    const std::unique_ptr<const Tokens> old_;  // null if there is none
    const std::int64_t replaced_at_;
    const std::unique_ptr<const Kind> session_;
    const std::unique_ptr<const Kind> ticket_;
    const std::unique_ptr<const Kind> work_;
};

}  // namespace sheafline
