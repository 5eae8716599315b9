// The caller of a request, and how it is identified. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "http/message/router.h"

namespace sheafline::api {

struct Caller {
    std::string user{};
    std::string session{};  // for logout and for streams; empty without sign-in
    bool may_read = true;
    bool may_create = false;  // batches and uploads
    bool may_decide = false;  // about batches that it sees
    bool may_change = false;  // cancels, retries, removes and shares its own
    bool sees_all = false;    // an admin: batches of all users, and the users
};

class Gate {
 public:
    virtual ~Gate() = default;
    // Throws HttpError: 401, or 403 if a page of another site sent the cookie.
    virtual Caller identify(const http::Call& call) = 0;
    // The same for a stream, which also accepts a ticket.
    virtual Caller identifyWatcher(const http::Call& call, std::string_view batch_id) = 0;
};

// Everybody may read: for `run --sse`, which listens only on a loopback address.
class OpenGate : public Gate {
 public:
    Caller identify(const http::Call&) override { return {.sees_all = true}; }
    Caller identifyWatcher(const http::Call&, std::string_view) override {
        return {.sees_all = true};
    }
};

}  // namespace sheafline::api
