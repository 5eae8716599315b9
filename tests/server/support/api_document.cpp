#include "api_document.h"

#include <algorithm>
#include <sstream>

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/String.h>

namespace sheafline::test {

namespace {

using Poco::JSON::Object;

std::vector<std::string> segmentsOf(const std::string& path) {
    std::vector<std::string> segments;
    std::istringstream in(path);
    for (std::string segment; std::getline(in, segment, '/');) segments.push_back(segment);
    return segments;
}

bool fits(const std::string& pattern, const std::string& path) {
    const auto want = segmentsOf(pattern);
    const auto have = segmentsOf(path);
    return std::equal(want.begin(), want.end(), have.begin(), have.end(),
                      [](const std::string& a, const std::string& b) {
                          return a.starts_with('{') ? !b.empty() : a == b;
                      });
}

std::set<std::string> codesOf(const Object& problem) {
    std::set<std::string> codes;
    const auto narrowed = problem.getObject("schema")->getArray("allOf")->getObject(1);
    const auto names = narrowed->getObject("properties")->getObject("code")->getArray("enum");
    for (const auto& name : *names) codes.insert(name.toString());
    return codes;
}

DescribedResponse responseOf(const Object& json) {
    DescribedResponse response;
    if (!json.has("content")) return response;
    const auto content = json.getObject("content");
    response.type = content->begin()->first;
    if (response.type == "application/problem+json")
        response.codes = codesOf(*content->getObject(response.type));
    else if (response.type == "application/json")
        response.schema = content->getObject(response.type)->getObject("schema");
    return response;
}

}  // namespace

ApiDocument::ApiDocument(const std::string& json)
    : ApiDocument(Poco::JSON::Parser().parse(json).extract<Object::Ptr>()) {}

ApiDocument::ApiDocument(const Object::Ptr& document)
    : schemas_(document->getObject("components")->getObject("schemas")) {
    for (const auto& [pattern, path] : *document->getObject("paths")) {
        for (const auto& [method, value] : *path.extract<Object::Ptr>()) {
            const auto& operation = *value.extract<Object::Ptr>();
            DescribedOperation described{.method = Poco::toUpper(method),
                                         .pattern = pattern,
                                         .summary = operation.getValue<std::string>("summary"),
                                         .id = operation.getValue<std::string>("operationId"),
                                         .signed_in = operation.getArray("security")->size() > 0};
            if (operation.has("requestBody"))
                described.body =
                    operation.getObject("requestBody")->getObject("content")->begin()->first;
            for (const auto& [status, response] : *operation.getObject("responses")) {
                if (status != "default")
                    described.responses[std::stoi(status)] =
                        responseOf(*response.extract<Object::Ptr>());
            }
            operations_.push_back(described);
        }
    }
    common_ =
        responseOf(*document->getObject("components")->getObject("responses")->getObject("Common"))
            .codes;
}

std::set<std::string> ApiDocument::codes() const {
    std::set<std::string> all = common_;
    for (const DescribedOperation& operation : operations_) {
        for (const auto& [status, response] : operation.responses)
            all.insert(response.codes.begin(), response.codes.end());
    }
    return all;
}

const DescribedOperation* ApiDocument::find(const std::string& method,
                                            const std::string& path) const {
    const std::string plain = path.substr(0, path.find('?'));
    const DescribedOperation* best = nullptr;  // a pattern without params goes first
    for (const DescribedOperation& operation : operations_) {
        if (operation.method != (method == "HEAD" ? "GET" : method)) continue;
        if (!fits(operation.pattern, plain)) continue;
        if (best == nullptr || operation.pattern == plain) best = &operation;
    }
    return best;
}

std::string ApiDocument::mismatch(const std::string& method, const std::string& path, int status,
                                  const std::string& type, const std::string& body) const {
    const DescribedOperation* operation = find(method, path);
    const std::string answer = method + ' ' + path + " answered " + std::to_string(status);
    const bool nothing_there = status == 404 || status == 405 || method == "OPTIONS";
    if (operation == nullptr) return nothing_there ? "" : answer + ", and is not described";
    std::string code;
    if (type == "application/problem+json" && !body.empty()) {
        const auto problem = Poco::JSON::Parser().parse(body).extract<Object::Ptr>();
        code = problem->optValue<std::string>("code", "");
        // "what happened; what to do"
        if (problem->optValue<std::string>("detail", "").find("; ") == std::string::npos)
            return answer + " with a detail that does not say what to do: " + body;
        if (common_.contains(code)) return {};
    }
    const auto response = operation->responses.find(status);
    if (response == operation->responses.end()) return answer + ' ' + code + ", not described";
    const bool is_problem = response->second.type == "application/problem+json";
    if (is_problem && method != "HEAD" && !response->second.codes.contains(code))
        return answer + " with the code '" + code + "', not described";
    if (is_problem) return {};
    if (response->second.schema && method != "HEAD" && !body.empty()) {
        const std::string finding =
            schemas_.finding(*response->second.schema, Poco::JSON::Parser().parse(body));
        if (!finding.empty()) return answer + " with a body that is not as described: " + finding;
    }
    if (type.empty() || status == 503) return {};
    const std::string& wanted = response->second.type;
    const bool same = wanted == "image/*" ? type.starts_with("image/") || type.find("octet") != 0
                                          : type.starts_with(wanted.substr(0, wanted.find(';')));
    const bool is_file = operation->pattern.find("/artifacts/") != std::string::npos;
    return same || is_file ? "" : answer + " as " + type + " instead of " + wanted;
}

}  // namespace sheafline::test
