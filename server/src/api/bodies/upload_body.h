// Writes the body of a request into an upload, and maps an outcome to its status.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "api/api_routes.h"
#include "uploads/append_session.h"
#include "uploads/upload_outcome.h"

namespace sheafline::api {

// Writes the pieces of a body into an upload until the session accepts no more, or a newer request
// takes over the upload.
class UploadBody {
 public:
    UploadBody(std::unique_ptr<AppendSession> session, const http::Exchange& exchange);

    bool take(std::span<const char> bytes);
    // Ends the session; bytes that arrived are kept, also if the body broke off. `length_known`:
    // the upload's length was declared. Empty if the body broke off: then the front answers.
    std::optional<UploadResult> end(http::BodyEnd how, bool length_known = true);

 private:
    std::unique_ptr<AppendSession> session_;
    const std::stop_token stop_;
    // Ends a body that waits for a client that is gone although its connection is still open.
    struct Wake {
        const http::Exchange& exchange;
        void operator()() const;
    };
    std::optional<std::stop_callback<Wake>> wake_{};
};

int statusOf(UploadOutcome outcome);
void requireOk(const UploadResult& result);  // throws HttpError

}  // namespace sheafline::api
