// What routes share that continue a batch which has ended or stopped.
#pragma once

#include <sheafline/error.h>

#include "api/routes/batch_routes.h"

namespace sheafline::api {

// Runs `reopen`; an error about the state of the batch becomes an HttpError.
template <typename Reopen>
void reopening(Reopen reopen) {
    try {
        reopen();
    } catch (const ConfigError& error) {
        throw http::HttpError(409, "CANNOT_REOPEN", error.what());
    } catch (const Error& error) {
        if (error.code() == "NO_SUCH_BATCH")
            throw http::HttpError(404, "NO_SUCH_BATCH", error.what());
        if (error.code() == "STATE_CHANGED")
            throw http::HttpError(409, "CANNOT_REOPEN", error.what());
        throw;
    }
}

// Answers 202 with the batch as it is now.
void answerState(ApiRequest& request, const BatchParts& parts, const std::string& batch_id);

}  // namespace sheafline::api
