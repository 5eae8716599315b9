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

#include <sheafline/error.h>

#include "accounts/server_token.h"
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

// Nothing else of a call reaches another server, and nothing else of its answer reaches our client.
constexpr auto kAsked = std::to_array<std::string_view>(
    {"Accept", "Content-Type", "Idempotency-Key", "If-Match", "If-Modified-Since", "If-None-Match",
     "If-Range", "If-Unmodified-Since", "Last-Event-ID", "Range", "Tus-Resumable",
     "Upload-Checksum", "Upload-Concat", "Upload-Length", "Upload-Metadata", "Upload-Offset",
     "X-Request-Id"});
constexpr auto kAnswered = std::to_array<std::string_view>(
    {"Accept-Ranges", "Allow", "Cache-Control", "Content-Disposition", "Content-Range",
     "Content-Type", "ETag", "Last-Modified", "Location", "Retry-After", "Tus-Resumable",
     "Tus-Version", "Upload-Expires", "Upload-Length", "Upload-Metadata", "Upload-Offset",
     "WWW-Authenticate"});

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

// Stops early if the other side accepts no more, or `enough` is true before a piece.
void copy(std::istream& in, std::ostream& out, const std::function<bool()>& enough) {
    std::array<char, kPieceBytes> piece{};
    while (in.good()) {
        in.read(piece.data(), piece.size());
        if (enough() || (in.gcount() > 0 && !out.write(piece.data(), in.gcount()))) return;
    }
}

Poco::Net::HTTPRequest requestFor(const ApiRequest& request, const std::string& prefix,
                                  const std::string& token) {
    const http::RequestHead& head = request.call().head;
    Poco::Net::HTTPRequest out(head.method, prefix + head.target, "HTTP/1.1");
    for (const auto& [name, value] : head.fields) {
        if (isOneOf(name, kAsked)) out.set(name, value);
    }
    out.set("Authorization", "Bearer " + token);
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
        const bool leads_away = http::sameName(name, "Location") && !value.starts_with("/api/");
        if (isOneOf(name, kAnswered) && !leads_away) response.set(name, value);
    }
    const int status = from.getStatus();
    const bool empty = status == 204 || status == 304;
    if (from.hasContentLength())
        response.setContentLength64(from.getContentLength64());
    else if (!empty)
        response.setChunkedTransferEncoding(true);
    std::ostream& out = response.send();
    if (!empty && request.call().head.method != "HEAD") copy(body, out, [] { return false; });
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
    if (!parts_.homes.mayCall(home)) {
        visibleBatch(request.caller, id);
        throw unreachable("HOME_UNREACHABLE",
                          "this server may not call the server that has the batch; its operator "
                          "can add that server to the setting 'servers'");
    }
    forward(request, {.url = home, .place = id, .code = "HOME_UNREACHABLE"}, may_wait);
    return true;
}

bool Elsewhere::answeredAtAccounts(ApiRequest& request) {
    if (parts_.accounts_url.empty()) return false;
    forward(request,
            {.url = parts_.accounts_url,
             .place = std::string(kAccountsPlace),
             .code = "ACCOUNTS_UNREACHABLE"},
            false);
    return true;
}

RedisBatch Elsewhere::visibleBatch(const Caller& caller, const std::string& batch_id) {
    try {
        auto batch = parts_.homes.find(batch_id);
        // A batch of ours that only Redis still has was removed.
        if (batch && batch->home == parts_.own_url()) batch.reset();
        if (batch && (caller.sees_all || caller.user == batch->owner ||
                      parts_.shares.sharedWith(batch_id, caller.user)))
            return std::move(*batch);
    } catch (const redis::RedisError&) {
        throw redisUnreachable();
    } catch (const Error&) {
        throw unreachable("HOME_UNREACHABLE",
                          "the server that has the batch is needed and does not answer; try again");
    }
    throw HttpError(404, "NO_SUCH_BATCH", "there is no such batch");
}

void Elsewhere::forward(ApiRequest& request, const Target& target, bool may_wait) {
    const Count count(waiting_);
    if (waiting_ > kMostWaiting && !may_wait)
        throw unreachable(target.code, "too many calls wait for other servers; try again");
    const std::string token = parts_.token_for(request.call(), target.place);
    try {
        const Poco::URI uri(target.url);
        const auto connection =
            httpSession(uri.getHost(), uri.getPort(), uri.getScheme() == "https", parts_.tls);
        Poco::Net::HTTPClientSession& session = *connection;
        session.setTimeout(Poco::Timespan(kConnectSeconds, 0), Poco::Timespan(kSilenceSeconds, 0),
                           Poco::Timespan(kSilenceSeconds, 0));
        std::string prefix = uri.getPath();
        while (prefix.ends_with('/')) prefix.pop_back();
        Poco::Net::HTTPRequest out = requestFor(request, prefix, token);
        std::ostream& body = session.sendRequest(out);
        // A server that rejects the body answers early.
        if (request.call().head.hasBody())
            copy(request.request().stream(), body, [&] { return hasAnswered(session); });
        body.flush();
        Poco::Net::HTTPResponse in;
        std::istream& answer = session.receiveResponse(in);
        if (in.getStatus() == Poco::Net::HTTPResponse::HTTP_UNAUTHORIZED &&
            target.place != kAccountsPlace) {
            // It rejects our token and not the caller's, who signed in here.
            visibleBatch(request.caller, target.place);
            throw unreachable(target.code,
                              "the server that has the batch rejects the signature of this server; "
                              "their operator can give both the same 'secret-key'");
        }
        answerWith(request, in, answer);
    } catch (const HttpError&) {
        throw;
    } catch (const Poco::Exception&) {
        throw unreachable(target.code, "another server is needed and does not answer; try again");
    }
}

}  // namespace sheafline::api
