#include "client/remote_server.h"

#include <algorithm>
#include <array>
#include <istream>
#include <memory>
#include <ostream>

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/Net/NetException.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "client/http_session.h"

namespace sheafline {

namespace {

using Poco::Net::HTTPClientSession;

constexpr int kConnectSeconds = 10;
constexpr int kSilenceSeconds = 60;  // four heartbeats of a stream
constexpr std::size_t kPieceBytes = std::size_t{256} << 10U;
constexpr std::size_t kLongestAnswer = std::size_t{16} << 20U;

void sendBody(HTTPClientSession& session, Poco::Net::HTTPRequest& request, const HttpAsk& ask) {
    std::ostream& out = session.sendRequest(request);
    for (std::size_t at = 0; at < ask.body.size();) {
        const std::size_t size = std::min(kPieceBytes, ask.body.size() - at);
        // A server that rejects the body closes early; its answer is still read.
        if (hasAnswered(session) ||
            !out.write(ask.body.data() + at, static_cast<std::streamsize>(size)))
            return;
        at += size;
        if (ask.on_sent) ask.on_sent(at);
    }
    out.flush();
}

// Directly from the buffer: the stream would wait for a full block and hide a lost connection.
void receive(std::istream& in, const std::function<bool(std::string_view)>& take) {
    std::streambuf& buffer = *in.rdbuf();
    std::array<char, 16384> piece{};
    while (buffer.sgetc() != std::streambuf::traits_type::eof()) {
        const auto ready = std::min<std::streamsize>(buffer.in_avail(), piece.size());
        const std::streamsize size =
            buffer.sgetn(piece.data(), std::max<std::streamsize>(ready, 1));
        if (!take({piece.data(), static_cast<std::size_t>(size)})) return;
    }
}

std::string detailOf(const HttpAnswer& answer) {
    try {
        const auto problem =
            Poco::JSON::Parser().parse(answer.body).extract<Poco::JSON::Object::Ptr>();
        auto text = problem->optValue<std::string>(
            "detail", problem->optValue<std::string>("title", "no reason given"));
        const auto errors = problem->getArray("errors");
        for (std::size_t i = 0; !errors.isNull() && i < errors->size(); ++i) {
            const auto error = errors->getObject(static_cast<unsigned>(i));
            const auto said = error->optValue<std::string>("detail", "");
            if (said == text) continue;
            text += "\n  " + error->optValue<std::string>("pointer", "") + ": " + said;
        }
        return text;
    } catch (const Poco::Exception&) {
        return "answered with status " + std::to_string(answer.status);
    }
}

}  // namespace

RemoteServer::RemoteServer(const std::string& url, TlsFiles files) : files_(std::move(files)) {
    try {
        const Poco::URI uri(url);
        https_ = uri.getScheme() == "https";
        host_ = uri.getHost();
        port_ = uri.getPort();
        prefix_ = uri.getPath();
        if ((!https_ && uri.getScheme() != "http") || host_.empty() || !uri.getQuery().empty())
            throw Poco::SyntaxException();
        if (!uri.getUserInfo().empty()) {
            throw ConfigError(
                "an address must not contain a name or password, because other users can read "
                "arguments; "
                "use --user NAME or --token-file FILE");
        }
    } catch (const Poco::SyntaxException&) {
        throw ConfigError(
            "'" + url +
            "' is not the address of a server; write it like http://127.0.0.1:8000 or "
            "https://sheafline.example");
    }
    while (prefix_.ends_with('/')) prefix_.pop_back();
    url_ = url;
    while (url_.ends_with('/')) url_.pop_back();
}

bool RemoteServer::isLoopback() const {
    Poco::Net::IPAddress address;
    if (Poco::Net::IPAddress::tryParse(host_, address)) return address.isLoopback();
    return host_ == "localhost";
}

HttpAnswer RemoteServer::send(const HttpAsk& ask) const {
    try {
        const auto session = httpSession(host_, port_, https_, files_);
        session->setTimeout(Poco::Timespan(kConnectSeconds, 0), Poco::Timespan(kSilenceSeconds, 0),
                            Poco::Timespan(kSilenceSeconds, 0));
        Poco::Net::HTTPRequest request(ask.method, prefix_ + ask.path, "HTTP/1.1");
        request.set("User-Agent", "sheafline");
        if (!token_.empty()) request.set("Authorization", "Bearer " + token_);
        for (const auto& [name, value] : ask.fields) request.set(name, value);
        if (!ask.body.empty() || ask.method == "POST" || ask.method == "PATCH")
            request.setContentLength64(static_cast<Poco::Int64>(ask.body.size()));
        sendBody(*session, request, ask);
        Poco::Net::HTTPResponse response;
        std::istream& in = session->receiveResponse(response);
        HttpAnswer answer{.status = response.getStatus()};
        for (const auto& [name, value] : response) answer.fields[Poco::toLower(name)] = value;
        const bool handed_on = ask.on_bytes && answer.status == 200;
        receive(in, [&](std::string_view bytes) {
            if (handed_on) return ask.on_bytes(bytes);
            answer.body += bytes;
            return answer.body.size() < kLongestAnswer;
        });
        const bool cut =
            !handed_on && ask.method != "HEAD" && response.hasContentLength() &&
            response.getContentLength64() != static_cast<Poco::Int64>(answer.body.size());
        if (cut) throw Poco::Net::NetException("the answer is incomplete");
        return answer;
    } catch (const Poco::Exception& error) {
        throw Error(ErrorClass::transient, "SERVER_UNREACHABLE",
                    url_ + " does not answer: " + error.displayText());
    }
}

void throwRejection(const HttpAnswer& answer) {
    if (answer.status == 401) {
        throw ConfigError(
            "the server requires a valid sign-in: use --user NAME, or a token in "
            "--token-file FILE or SHEAFLINE_TOKEN");
    }
    const std::string detail = "the server says: " + shownText(detailOf(answer), LineBreaks::keep);
    const bool may_pass = answer.status >= 500 || answer.status == 408 || answer.status == 423 ||
                          answer.status == 429;
    if (may_pass) throw Error(ErrorClass::transient, "SERVER_UNREACHABLE", detail);
    throw ConfigError(detail);
}

}  // namespace sheafline
