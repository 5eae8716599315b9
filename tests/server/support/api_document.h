// The server's own description of its API (OpenAPI 3.0). Checks whether an answer agrees with it.
// Immutable.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <Poco/JSON/Object.h>

#include "schema_check.h"

namespace sheafline::test {

struct DescribedResponse {
    std::set<std::string> codes{};     // of problems
    std::string type{};                // media type; empty: no body is described
    Poco::JSON::Object::Ptr schema{};  // of a JSON body, or null
};

struct DescribedOperation {
    std::string method{};   // "GET"
    std::string pattern{};  // "/api/batches/{id}"
    std::string summary{};
    std::string id{};  // operationId
    bool signed_in = false;
    std::string body{};  // media type of the request
    std::map<int, DescribedResponse> responses{};
};

class ApiDocument {
 public:
    explicit ApiDocument(const std::string& json);

    const std::vector<DescribedOperation>& operations() const { return operations_; }
    // Codes that the front can answer to any request.
    const std::set<std::string>& commonCodes() const { return common_; }
    std::set<std::string> codes() const;  // all of them
    // The operation of a request, or null.
    const DescribedOperation* find(const std::string& method, const std::string& path) const;
    // How this answer differs from the description; empty if it does not.
    std::string mismatch(const std::string& method, const std::string& path, int status,
                         const std::string& type, const std::string& body) const;

 private:
    explicit ApiDocument(const Poco::JSON::Object::Ptr& document);

    std::vector<DescribedOperation> operations_;
    std::set<std::string> common_;
    SchemaCheck schemas_;
};

}  // namespace sheafline::test
