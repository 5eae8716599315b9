// A front with a few routes for tests, on a free port.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include <sheafline/log.h>

#include "http/front/front.h"
#include "http/message/router.h"

namespace sheafline::http::test {

class QuietLog : public Log {
 public:
    void write(LogLevel, std::string_view) override { ++lines; }
    std::atomic<int> lines = 0;
};

using Request = Poco::Net::HTTPServerRequest;
using Response = Poco::Net::HTTPServerResponse;
using Handle = std::function<void(Call&, Request&, Response&)>;

class FrontFixture {
 public:
    explicit FrontFixture(FrontConfig config = {});

    void route(const std::string& method, const std::string& pattern, RouteOptions options,
               Handle handle);
    Front& front();  // starts it: routes are added before
    std::uint16_t port() { return front().port(); }
    QuietLog& log() { return log_; }
    // Sends `bytes` on a new connection; an answer without a length ends with the connection.
    std::string exchange(std::string_view bytes);

 private:
    FrontConfig config_;
    QuietLog log_;
    Router router_;
    std::unique_ptr<Front> front_;
};

}  // namespace sheafline::http::test
