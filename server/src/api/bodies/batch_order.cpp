#include "api/bodies/batch_order.h"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include <sheafline/error.h>

namespace sheafline::api {

using http::HttpError;
using http::Problem;

namespace {

HttpError fieldProblem(const std::string& pointer, const std::string& detail) {
    return HttpError(Problem{.status = 422,
                             .code = "INVALID_FIELD",
                             .detail = detail,
                             .errors = {{.pointer = pointer, .detail = detail}}});
}

}  // namespace

BatchOrder orderOf(const Poco::JSON::Object& json, const Caller& caller) {
    BatchOrder order{.user = caller.user};
    if (!json.has("pipeline") || !json.get("pipeline").isString())
        throw fieldProblem("/pipeline", "the name of a pipeline is required");
    order.pipeline = json.get("pipeline").extract<std::string>();
    if (!json.has("params")) return order;
    const auto params = json.getObject("params");
    if (params.isNull()) throw fieldProblem("/params", "an object is required");
    for (const auto& [name, value] : *params) {
        const bool scalar = value.isString() || value.isNumeric() || value.isBoolean();
        if (!scalar)
            throw fieldProblem("/params/" + name, "a text, a number, true or false is required");
        order.params[name] = value.convert<std::string>();
    }
    return order;
}

BatchOrder orderOfQuery(ApiRequest& request) {
    constexpr std::string_view kSet = "set.";
    BatchOrder order{.user = request.caller.user};
    for (const auto& [name, value] : formFields(request.call().head.query)) {
        if (name == "pipeline") order.pipeline = value;
        if (name.starts_with(kSet)) order.params[name.substr(kSet.size())] = value;
    }
    if (order.pipeline.empty())
        throw fieldProblem("/pipeline", "the name of a pipeline is required: ?pipeline=NAME");
    return order;
}

void throwRejection() {
    try {
        throw;
    } catch (const ConfigError& error) {
        Problem problem{.status = 422,
                        .code = "INVALID_PARAMS",
                        .detail = "the params do not fit the pipeline"};
        for (const Finding& finding : error.findings())
            problem.errors.push_back(
                {.pointer = "/params/" + finding.key, .detail = finding.message});
        throw HttpError(problem);
    } catch (const Error& error) {
        if (error.code() == "NO_SUCH_PIPELINE") throw fieldProblem("/pipeline", error.what());
        if (error.code() == "KEY_REUSED") throw HttpError(422, "KEY_REUSED", error.what());
        if (error.code() == "NO_UPLOAD") throw HttpError(422, "NO_UPLOAD", error.what());
        if (error.code() == "BATCH_EXISTS")
            throw HttpError(409, "BATCH_EXISTS", "there is a batch of this id");
        throw;
    }
}

}  // namespace sheafline::api
