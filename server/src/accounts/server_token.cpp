#include "accounts/server_token.h"

namespace sheafline {

namespace {

constexpr std::int64_t kSeconds = 60;
constexpr std::string_view kNoSession = "server";  // ids of sessions are longer

}  // namespace

std::string serverToken(const Tokens& tokens, const std::string& batch_id, std::int64_t now) {
    return tokens.issue(TokenKind::server, {.user = "server",
                                            .role = Role::admin,
                                            .session = std::string(kNoSession),
                                            .batch = batch_id,
                                            .issued_at = now,
                                            .expires_at = now + kSeconds});
}

std::string serverTokenFor(const Tokens& tokens, const Identity& caller, const std::string& place,
                           std::int64_t now) {
    return tokens.issue(TokenKind::server, {.user = caller.user,
                                            .role = caller.role,
                                            .session = caller.session,
                                            .generation = caller.generation,
                                            .batch = place,
                                            .issued_at = now,
                                            .expires_at = now + kSeconds});
}

bool isServerItself(const Claims& claims) { return claims.session == kNoSession; }

}  // namespace sheafline
