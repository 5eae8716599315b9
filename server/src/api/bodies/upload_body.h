// From a request's body into an upload, and from an outcome to its status.
#pragma once

#include "api/api_request.h"
#include "uploads/append_session.h"
#include "uploads/upload_outcome.h"

namespace sheafline::api {

// Reads until the body ends, the session takes no more, or a newer request takes over. Throws
// HttpError where the body breaks off: what came is kept.
void copyBody(ApiRequest& request, AppendSession& session);

int statusOf(UploadOutcome outcome);
void requireOk(const UploadResult& result);  // throws HttpError

}  // namespace sheafline::api
