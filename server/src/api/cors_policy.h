// Decides which other sites' pages may call the API: none, unless the configuration lists their
// origins. Immutable.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/message/problem.h"
#include "http/message/request_head.h"

namespace sheafline::api {

class CorsPolicy {
 public:
    explicit CorsPolicy(std::vector<std::string> origins) : origins_(std::move(origins)) {}

    // The header fields that an answer to this request needs; none for an origin that is not
    // listed.
    http::Fields fieldsFor(const http::RequestHead& head) const {
        const std::string* origin = head.find("Origin");
        if (origin == nullptr ||
            std::find(origins_.begin(), origins_.end(), *origin) == origins_.end())
            return {};
        return {{"Access-Control-Allow-Origin", *origin},
                {"Vary", "Origin"},
                {"Access-Control-Expose-Headers",
                 "ETag, Location, Retry-After, Tus-Resumable, Upload-Expires, Upload-Length, "
                 "Upload-Offset"}};
    }

    // The answer to the preflight request that browsers send before such a request.
    std::optional<http::Problem> preflight(const http::RequestHead& head) const {
        if (head.method != "OPTIONS" || head.find("Access-Control-Request-Method") == nullptr)
            return std::nullopt;
        http::Fields fields = fieldsFor(head);
        if (fields.empty()) return std::nullopt;
        fields.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
        fields.emplace_back("Access-Control-Allow-Headers",
                            "Authorization, Content-Type, Idempotency-Key, If-None-Match, "
                            "Last-Event-ID, Tus-Resumable, Upload-Checksum, Upload-Length, "
                            "Upload-Metadata, Upload-Offset");
        fields.emplace_back("Access-Control-Max-Age", "600");
        return http::Problem{.status = 204, .fields = std::move(fields)};
    }

 private:
    const std::vector<std::string> origins_;
};

}  // namespace sheafline::api
