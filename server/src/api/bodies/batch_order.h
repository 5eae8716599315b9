// The order in a request, from JSON or from its query, and its errors for a client.
#pragma once

#include <string>

#include "api/api_request.h"
#include "batches/batch_intake.h"

namespace sheafline::api {

// {"pipeline": "omr-batch", "params": {"exam": "math"}, "name": …, "filename": …, "labels": …}; a
// param of type `file` may be an object with the file's name and content.
// Throws HttpError.
BatchOrder orderOf(const Poco::JSON::Object& json, const Caller& caller);
// ?pipeline=omr-batch&set.exam=math
BatchOrder orderOfQuery(ApiRequest& request);

// {"name": "Math, class 7B", "labels": {"class": "7B"}}: what PATCH changes.
NewTitle titleChangeOf(const Poco::JSON::Object& json);

[[noreturn]] void throwRejection();  // for the current exception

// Runs `create` and turns its exceptions into HttpError: 409, or 422 with a pointer for each param.
template <typename Create>
auto creating(Create create) {
    try {
        return create();
    } catch (...) {
        throwRejection();
    }
}

}  // namespace sheafline::api
