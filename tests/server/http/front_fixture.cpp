#include "front_fixture.h"

#include <istream>
#include <iterator>
#include <ostream>
#include <span>
#include <utility>

#include "http/message/body_receiver.h"
#include "raw_client.h"

namespace sheafline::http::test {

namespace {

class Handler : public Poco::Net::HTTPRequestHandler {
 public:
    Handler(const Handle& handle, Call& call) : handle_(handle), call_(call) {}
    void handleRequest(Request& request, Response& response) override {
        handle_(call_, request, response);
    }

 private:
    const Handle& handle_;
    Call& call_;
};

// Answers with the size of the body, which it reads in pieces.
class Measure : public Poco::Net::HTTPRequestHandler, public BodyReceiver {
 public:
    void handleRequest(Request&, Response&) override {}
    bool begin(Request&, Response& response) override {
        response_ = &response;
        return true;
    }
    bool take(std::span<const char> bytes) override {
        size_ += bytes.size();
        return true;
    }
    void end(BodyEnd how) override {
        const std::string text = std::to_string(size_);
        if (how == BodyEnd::whole) response_->sendBuffer(text.data(), text.size());
    }

 private:
    Response* response_ = nullptr;
    std::size_t size_ = 0;
};

void say(Response& response, const std::string& text) {
    response.sendBuffer(text.data(), text.size());
}

std::string bodyOf(Request& request) {
    std::istream& stream = request.stream();
    return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

FrontFixture::FrontFixture(FrontConfig config) : config_(std::move(config)) {
    route("GET", "/healthz", {}, [](Call&, Request&, Response& response) { say(response, "ok"); });
    route("POST", "/echo", {},
          [](Call&, Request& request, Response& response) { say(response, bodyOf(request)); });
    router_.add("PUT", "/upload", {.body_limit = 1U << 30U, .body = BodyMode::streamed},
                [](Call&) { return std::make_unique<Measure>(); });
    route("PUT", "/blocking", {.body_limit = 1U << 30U, .body = BodyMode::streamed},
          [](Call&, Request& request, Response& response) {
              say(response, std::to_string(bodyOf(request).size()));
          });
    route("PUT", "/locked", {.body_limit = 1ULL << 40U, .body = BodyMode::streamed},
          [](Call&, Request&, Response&) { throw HttpError(401, "UNAUTHORIZED", "sign in"); });
    route("POST", "/ignore", {.body_limit = 1U << 30U, .body = BodyMode::streamed},
          [](Call&, Request&, Response& response) { say(response, "not read"); });
    route("POST", "/login", {.body_limit = 16},
          [](Call&, Request& request, Response& response) { say(response, bodyOf(request)); });
    route("GET", "/items/{id}", {},
          [](Call& call, Request&, Response& response) { say(response, call.param("id")); });
    route("GET", "/origin", {}, [](Call& call, Request& request, Response& response) {
        say(response, call.origin.client + (call.origin.https ? " https" : " http") +
                          (request.has("X-Forwarded-For") ? " leaked" : ""));
    });
    config_.port = 0;
}

Front& FrontFixture::front() {
    if (!front_) {
        front_ = std::make_unique<Front>(config_, router_, log_);
        front_->start();
    }
    return *front_;
}

void FrontFixture::route(const std::string& method, const std::string& pattern,
                         RouteOptions options, Handle handle) {
    router_.add(method, pattern, options, [handle = std::move(handle)](Call& call) {
        return std::make_unique<Handler>(handle, call);
    });
}

std::string FrontFixture::exchange(std::string_view bytes) {
    RawClient client(port());
    client.send(bytes);
    const std::string reply = client.readReply();
    return reply.find("Content-Length: ") == std::string::npos ? reply + client.readAll() : reply;
}

}  // namespace sheafline::http::test
