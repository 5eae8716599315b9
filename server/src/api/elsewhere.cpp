#include "api/elsewhere.h"

#include <algorithm>
#include <array>
#include <istream>
#include <ostream>
#include <string_view>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/URI.h>

#include "api/sign_in_gate.h"
#include "client/http_session.h"

namespace sheafline::api {

namespace {

using http::HttpError;
using http::Problem;

constexpr int kConnectSeconds = 2;
constexpr int kSilenceSeconds = 30;
constexpr int kMostWaiting = 4;  // of the eight threads that also answer all other calls
constexpr const char* kForwarded = "X-Sheafline-Forwarded";
constexpr std::size_t kPieceBytes = std::size_t{64} << 10U;

// Fields that belong to one connection, and fields that this server sets itself.
constexpr auto kNotAsked = std::to_array<std::string_view>(
    {"Host", "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
     "Upgrade", "Expect", "Content-Length", "Cookie", "Origin", "Authorization", "Forwarded",
     "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"});
constexpr auto kNotAnswered = std::to_array<std::string_view>(
    {"Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Date", "Server",
     "Set-Cookie", "X-Request-Id", "Vary"});

template <std::size_t n>
bool isOneOf(std::string_view name, const std::array<std::string_view, n>& names) {
    return std::ranges::any_of(names, [&](auto other) { return http::sameName(name, other); });
}

HttpError unreachable(const char* code, const char* detail) {
    return HttpError(
        Problem{.status = 503, .code = code, .detail = detail, .fields = {{"Retry-After", "5"}}});
}

HttpError redisUnreachable() {
    return HttpError(Problem{.status = 503,
                             .code = "REDIS_AWAY",
                             .detail = "batches of other servers are not to be seen now; try again",
                             .fields = {{"Retry-After", "5"}}});
}

// Returns false if the other side accepts no more.
bool copy(std::istream& in, std::ostream& out) {
    std::array<char, kPieceBytes> piece{};
    while (in.good()) {
        in.read(piece.data(), piece.size());
        if (in.gcount() > 0 && !out.write(piece.data(), in.gcount())) return false;
    }
    return true;
}

Poco::Net::HTTPRequest requestFor(const ApiRequest& request, const std::string& prefix) {
    const http::RequestHead& head = request.call().head;
    Poco::Net::HTTPRequest out(head.method, prefix + head.target, "HTTP/1.1");
    for (const auto& [name, value] : head.fields) {
        if (!isOneOf(name, kNotAsked)) out.set(name, value);
    }
    // A cookie belongs to this server, which has already identified the caller by it.
    out.set("Authorization", "Bearer " + SignInGate::tokenOf(request.call()).text);
    out.set("X-Forwarded-For", request.call().origin.client);
    out.set(kForwarded, "1");
    if (head.content_length)
        out.setContentLength64(static_cast<Poco::Int64>(*head.content_length));
    else if (head.chunked)
        out.setChunkedTransferEncoding(true);
    else if (head.method != "GET" && head.method != "HEAD")
        out.setContentLength(0);
    return out;
}

void answerWith(ApiRequest& request, const Poco::Net::HTTPResponse& from, std::istream& body) {
    auto& response = request.response();
    response.setStatusAndReason(from.getStatus(), from.getReason());
    for (const auto& [name, value] : from) {
        if (!isOneOf(name, kNotAnswered)) response.set(name, value);
    }
    const int status = from.getStatus();
    const bool empty = status == 204 || status == 304;
    if (from.hasContentLength())
        response.setContentLength64(from.getContentLength64());
    else if (!empty)
        response.setChunkedTransferEncoding(true);
    std::ostream& out = response.send();
    if (!empty && request.call().head.method != "HEAD") copy(body, out);
}

class Count {
 public:
    explicit Count(std::atomic<int>& number) : number_(number) { ++number_; }
    ~Count() { --number_; }
    Count(const Count&) = delete;
    Count& operator=(const Count&) = delete;

 private:
    std::atomic<int>& number_;
};

}  // namespace

bool Elsewhere::isOurs(const std::string& batch_id) {
    return parts_.readers.take()->batch(batch_id).has_value();
}

bool Elsewhere::answeredAtHome(ApiRequest& request, bool may_wait) {
    const std::string& id = request.param("id");
    // The server that forwarded the call assumes that this server is the home.
    if (!request.header(kForwarded).empty() || isOurs(id)) return false;
    std::string home;
    try {
        home = parts_.homes.homeOf(id);
    } catch (const redis::RedisError&) {
        throw redisUnreachable();
    }
    if (home.empty() || home == parts_.own_url()) return false;
    forward(request, home, "HOME_UNREACHABLE", may_wait);
    return true;
}

bool Elsewhere::answeredAtAccounts(ApiRequest& request) {
    if (parts_.accounts_url.empty()) return false;
    forward(request, parts_.accounts_url, "ACCOUNTS_UNREACHABLE", false);
    return true;
}

RedisBatch Elsewhere::visibleBatch(const Caller& caller, const std::string& batch_id) {
    try {
        auto batch = parts_.homes.find(batch_id);
        // A batch of ours that only Redis still has was removed.
        if (batch && batch->home == parts_.own_url()) batch.reset();
        if (batch && (caller.sees_all || caller.user == batch->owner)) return std::move(*batch);
    } catch (const redis::RedisError&) {
        throw redisUnreachable();
    }
    throw HttpError(404, "NO_SUCH_BATCH", "there is no such batch");
}

void Elsewhere::forward(ApiRequest& request, const std::string& url, const char* code,
                        bool may_wait) {
    const Count count(waiting_);
    if (waiting_ > kMostWaiting && !may_wait)
        throw unreachable(code, "too many calls wait for other servers; try again");
    try {
        const Poco::URI uri(url);
        const auto connection =
            httpSession(uri.getHost(), uri.getPort(), uri.getScheme() == "https", parts_.tls);
        Poco::Net::HTTPClientSession& session = *connection;
        session.setTimeout(Poco::Timespan(kConnectSeconds, 0), Poco::Timespan(kSilenceSeconds, 0),
                           Poco::Timespan(kSilenceSeconds, 0));
        std::string prefix = uri.getPath();
        while (prefix.ends_with('/')) prefix.pop_back();
        Poco::Net::HTTPRequest out = requestFor(request, prefix);
        std::ostream& body = session.sendRequest(out);
        // A server that rejects the body closes early; its answer is still read.
        if (request.call().head.hasBody()) copy(request.request().stream(), body);
        body.flush();
        Poco::Net::HTTPResponse in;
        std::istream& answer = session.receiveResponse(in);
        answerWith(request, in, answer);
    } catch (const HttpError&) {
        throw;
    } catch (const Poco::Exception&) {
        throw unreachable(code, "the server that has this is not to be reached; try again");
    }
}

}  // namespace sheafline::api
