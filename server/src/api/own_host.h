// Requests to a server that listens on this machine alone must name this machine in `Host`. A page
// of another site whose name resolves to 127.0.0.1 (DNS rebinding) names that site. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/message/problem.h"
#include "http/message/proxy_trust.h"
#include "http/message/request_head.h"

namespace sheafline::api {

class OwnHost {
 public:
    // `listen` is the address that the server listens on; `urls` are others by which clients may
    // name it.
    explicit OwnHost(const std::string& listen, const std::vector<std::string>& urls = {});

    // The answer to a request with a foreign name. A trusted proxy may pass any name on.
    std::optional<http::Problem> reason(const http::RequestHead& head,
                                        const http::Origin& origin) const;

 private:
    bool isOwn(const std::string& host) const;

    bool checks_ = false;
    std::vector<std::string> names_;
};

}  // namespace sheafline::api
