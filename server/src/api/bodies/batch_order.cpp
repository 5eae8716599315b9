#include "api/bodies/batch_order.h"

#include <utility>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>

#include <sheafline/error.h>

#include "uploads/base64.h"

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

void requireName(const std::string& name) {
    if (const auto problem = problemOfName(name)) throw fieldProblem("/name", *problem);
}

void requireLabels(const Labels& labels) {
    for (const auto& [key, value] : labels)
        if (const auto problem = problemOfLabel(key, value))
            throw fieldProblem("/labels/" + key, *problem);
    if (const auto problem = problemOfLabels(labels)) throw fieldProblem("/labels", *problem);
}

Labels labelsOfJson(const Poco::JSON::Object& json) {
    const auto object = json.getObject("labels");
    if (object.isNull()) throw fieldProblem("/labels", "an object of texts is required");
    Labels labels;
    for (const auto& [key, value] : *object) {
        if (!value.isString()) throw fieldProblem("/labels/" + key, "a text is required");
        labels.emplace(key, value.extract<std::string>());
    }
    requireLabels(labels);
    return labels;
}

std::string textIn(const Poco::JSON::Object& json, const std::string& key) {
    if (!json.get(key).isString()) throw fieldProblem("/" + key, "a text is required");
    return json.get(key).extract<std::string>();
}

BatchTitle titleOf(const Poco::JSON::Object& json) {
    BatchTitle title;
    if (json.has("name")) requireName(title.name = textIn(json, "name"));
    if (json.has("filename")) title.file_name = fileNameOf(textIn(json, "filename"));
    if (json.has("labels")) title.labels = labelsOfJson(json);
    return title;
}

// {"filename": "students.csv", "text": "id,name…"}, or "base64" in place of "text".
ParamFile fileIn(const std::string& name, const Poco::JSON::Object& json) {
    const std::string pointer = "/params/" + name;
    for (const auto& [key, value] : json) {
        const bool known = key == "filename" || key == "text" || key == "base64";
        if (!known || !value.isString())
            throw fieldProblem(std::string(pointer).append("/").append(key),
                               "a file has the texts 'filename' and 'text' or 'base64'");
    }
    if (json.has("text") == json.has("base64"))
        throw fieldProblem(pointer, "the content of a file is required, as 'text' or 'base64'");
    ParamFile file{.name = json.optValue<std::string>("filename", "")};
    if (json.has("text")) {
        file.bytes = json.getValue<std::string>("text");
        return file;
    }
    auto bytes = decodeBase64(json.getValue<std::string>("base64"));
    if (!bytes) throw fieldProblem(pointer + "/base64", "this is not base64 with its padding");
    file.bytes = std::move(*bytes);
    return file;
}

}  // namespace

NewTitle titleChangeOf(const Poco::JSON::Object& json) {
    NewTitle change;
    const BatchTitle title = titleOf(json);
    if (json.has("name")) change.name = title.name;
    if (json.has("labels")) change.labels = labelsJson(title.labels);
    if (!change.name && !change.labels) throw fieldProblem("", "a name or labels are required");
    return change;
}

BatchOrder orderOf(const Poco::JSON::Object& json, const Caller& caller) {
    BatchOrder order{.user = caller.user};
    if (!json.has("pipeline") || !json.get("pipeline").isString())
        throw fieldProblem("/pipeline", "the name of a pipeline is required");
    order.pipeline = json.get("pipeline").extract<std::string>();
    order.title = titleOf(json);
    if (!json.has("params")) return order;
    const auto params = json.getObject("params");
    if (params.isNull()) throw fieldProblem("/params", "an object is required");
    for (const auto& [name, value] : *params) {
        if (value.type() == typeid(Poco::JSON::Object::Ptr)) {
            order.files[name] = fileIn(name, *value.extract<Poco::JSON::Object::Ptr>());
            continue;
        }
        const bool scalar = value.isString() || value.isNumeric() || value.isBoolean();
        if (!scalar)
            throw fieldProblem("/params/" + name,
                               "a text, a number, true, false or a file is required");
        order.params[name] = value.convert<std::string>();
    }
    return order;
}

BatchOrder orderOfQuery(ApiRequest& request) {
    constexpr std::string_view kSet = "set.";
    constexpr std::string_view kLabel = "label.";
    BatchOrder order{.user = request.caller.user};
    for (const auto& [name, value] : formFields(request.call().head.query)) {
        if (name == "pipeline") order.pipeline = value;
        if (name == "filename") order.title.file_name = fileNameOf(value);
        if (name == "name") requireName(order.title.name = value);
        if (name.starts_with(kLabel)) order.title.labels[name.substr(kLabel.size())] = value;
        if (name.starts_with(kSet)) order.params[name.substr(kSet.size())] = value;
    }
    requireLabels(order.title.labels);
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
