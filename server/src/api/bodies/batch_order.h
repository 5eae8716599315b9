// What a request orders, from JSON or from its query, and the refusals as a client sees them.
#pragma once

#include <string>

#include "api/api_request.h"
#include "batches/batch_intake.h"

namespace sheafline::api {

// {"pipeline": "omr-batch", "params": {"exam": "math"}}. Throws HttpError.
BatchOrder orderOf(const Poco::JSON::Object& json, const Caller& caller);
// ?pipeline=omr-batch&set.exam=math
BatchOrder orderOfQuery(ApiRequest& request);

[[noreturn]] void throwRefusal();  // of the exception at hand

// Runs `create` and turns what it throws into HttpError: 409, and 422 with a pointer a param.
template <typename Create>
auto creating(Create create) {
    try {
        return create();
    } catch (...) {
        throwRefusal();
    }
}

}  // namespace sheafline::api
