// The gate of a server. It accepts a token in Authorization, the dashboard's cookie, or a stream
// ticket.
#pragma once

#include <optional>
#include <string>

#include "accounts/sign_in.h"
#include "api/caller.h"

namespace sheafline::api {

struct SentToken {
    std::string text{};
    bool in_cookie = false;
};

class SignInGate : public Gate {
 public:
    explicit SignInGate(SignIn& sign_in) : sign_in_(sign_in) {}

    Caller identify(const http::Call& call) override;
    Caller identifyWatcher(const http::Call& call, std::string_view batch_id) override;
    // The identity behind identify(), for handlers that change the session.
    Identity identityOf(const http::Call& call);
    // A cookie is accepted only if the request comes from our own pages.
    static SentToken tokenOf(const http::Call& call);

 private:
    SignIn& sign_in_;
};

// Browsers bind a `__Host-` cookie to this host and HTTPS.
std::string cookieName(const http::Origin& origin);
std::string sessionCookie(const http::Origin& origin, const std::string& token,
                          std::int64_t max_age_seconds);
// Throws HttpError 403 if a page of another site sent this request.
void requireOwnOrigin(const http::Call& call);

}  // namespace sheafline::api
