#include "api/description/openapi.h"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/String.h>

#include "api/description/param_schemas.h"
#include "api/description/problem_codes.h"
#include "api/description/schemas.h"
#include "batches/batch_json.h"

namespace sheafline::api {

namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object ordered() { return Object(Poco::JSON_PRESERVE_KEY_ORDER); }

Object::Ptr parsed(const std::string& json) {
    return Poco::JSON::Parser().parse(json).extract<Object::Ptr>();
}

Object reference(const std::string& schema) {
    Object object = ordered();
    object.set("$ref", "#/components/schemas/" + schema);
    return object;
}

Object parameter(const std::string& name, const std::string& place, const std::string& schema) {
    Object parameter = ordered();
    parameter.set("name", name);
    parameter.set("in", place);
    parameter.set("required", place == "path");
    parameter.set("schema", parsed(schema));
    return parameter;
}

Array parametersOf(const DescribedRoute& route) {
    const std::string& pattern = route.pattern;
    Array parameters;
    for (std::size_t at = 0; (at = pattern.find('{', at)) != std::string::npos;) {
        const std::size_t end = pattern.find('}', at);
        const std::string name = pattern.substr(at + 1, end - at - 1);
        parameters.add(parameter(name, "path", pathParamSchema(pattern, name)));
        at = end;
    }
    for (const std::string& name : route.rules.query)
        parameters.add(parameter(name, "query", queryParamSchema(pattern, name)));
    return parameters;
}

// JSON has a schema by name; a body of another type is text or bytes.
Object mediaOf(const std::string& type, const std::string& schema) {
    Object media = ordered();
    if (!schema.empty()) {
        media.set("schema", reference(schema));
        return media;
    }
    Object text = ordered();
    text.set("type", "string");
    if (!type.starts_with("text/")) text.set("format", "binary");
    media.set("schema", text);
    return media;
}

Object contentOf(const std::string& type, const std::string& schema) {
    Object content = ordered();
    content.set(type, mediaOf(type, schema));
    return content;
}

Object problemResponse(std::span<const std::string_view> codes) {
    std::string description;
    Array names;
    for (const std::string_view code : codes) {
        const ProblemCode& problem = problemCode(code);
        description += description.empty() ? "" : "\n\n";
        description.append(code).append(": ").append(problem.meaning);
        description.append("; ").append(problem.remedy);
        names.add(std::string(code));
    }
    Object code = ordered();
    code.set("enum", names);
    Object properties = ordered();
    properties.set("code", code);
    Object narrowed = ordered();
    narrowed.set("properties", properties);
    Array both;
    both.add(reference("Problem"));
    both.add(narrowed);
    Object schema = ordered();
    schema.set("allOf", both);
    Object media = ordered();
    media.set("schema", schema);
    Object content = ordered();
    content.set("application/problem+json", media);
    Object response = ordered();
    response.set("description", description);
    response.set("content", content);
    return response;
}

Object responsesOf(const DescribedRoute& route) {
    const RouteRules& rules = route.rules;
    Object success = ordered();
    success.set("description", std::string(http::reasonOf(rules.status)));
    if (!rules.answer.empty()) success.set("content", contentOf(rules.answer, rules.gives));
    Object responses = ordered();
    responses.set(std::to_string(rules.status), success);
    for (const int status : rules.also) {
        Object other = ordered();
        other.set("description", std::string(http::reasonOf(status)));
        // A part of the file, or why the server is not ready; 204 and 304 have no body.
        if (status == 206 || status == 503)
            other.set("content", contentOf(rules.answer, rules.gives));
        responses.set(std::to_string(status), other);
    }
    std::map<int, std::vector<std::string_view>> by_status;
    for (const std::string_view code : problemsOf(route))
        by_status[problemCode(code).status].push_back(code);
    for (const auto& [status, codes] : by_status)
        responses.set(std::to_string(status), problemResponse(codes));
    Object common = ordered();
    common.set("$ref", "#/components/responses/Common");
    responses.set("default", common);
    return responses;
}

Object operationOf(const DescribedRoute& route) {
    Object operation = ordered();
    operation.set("operationId", route.rules.id);
    operation.set("summary", route.rules.summary);
    const Array parameters = parametersOf(route);
    if (parameters.size() > 0) operation.set("parameters", parameters);
    if (!route.rules.body.empty()) {
        Object content = contentOf(route.rules.body, route.rules.takes);
        if (!route.rules.archive.empty())
            content.set(route.rules.archive, mediaOf(route.rules.archive, ""));
        Object body = ordered();
        body.set("required", !route.rules.body_optional);
        body.set("content", content);
        operation.set("requestBody", body);
    }
    operation.set("responses", responsesOf(route));
    Array security;
    if (route.rules.access != Access::open) {
        for (const char* scheme : {"token", "cookie"}) {
            Object way = ordered();
            way.set(scheme, Array());
            security.add(way);
        }
    }
    operation.set("security", security);
    return operation;
}

constexpr const char* kComponents = R"json({
"securitySchemes":{
"token":{"type":"http","scheme":"bearer","bearerFormat":"JWT"},
"cookie":{"type":"apiKey","in":"cookie","name":"sheafline"}},
"responses":{"Common":)json";

}  // namespace

std::string openApiOf(const std::vector<DescribedRoute>& routes, const std::string& version) {
    Object info = ordered();
    info.set("title", "Sheafline");
    info.set("version", version);
    info.set("description", "Batches of scanned answer sheets: create, follow, read results.");
    Object license = ordered();
    license.set("name", "Apache-2.0");
    license.set("url", "https://www.apache.org/licenses/LICENSE-2.0");
    info.set("license", license);
    Object here = ordered();
    here.set("url", "/");
    Array servers;
    servers.add(here);
    std::vector<std::string> patterns;
    for (const DescribedRoute& route : routes) {
        if (std::find(patterns.begin(), patterns.end(), route.pattern) == patterns.end())
            patterns.push_back(route.pattern);
    }
    Object paths = ordered();
    for (const std::string& pattern : patterns) {
        Object path = ordered();
        for (const DescribedRoute& route : routes) {
            if (route.pattern == pattern) path.set(Poco::toLower(route.method), operationOf(route));
        }
        paths.set(pattern, path);
    }
    Object document = ordered();
    document.set("openapi", "3.0.3");
    document.set("info", info);
    document.set("servers", servers);
    document.set("paths", paths);
    std::string json = compactJson(document);
    json.pop_back();
    return json + ",\"components\":" + kComponents +
           compactJson(problemResponse(commonProblems())) + "},\"schemas\":{" + componentSchemas() +
           "}}}";
}

}  // namespace sheafline::api
