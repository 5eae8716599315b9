#include "http/front/served_request.h"

#include <array>
#include <exception>
#include <utility>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerSession.h>
#include <Poco/Net/StreamSocket.h>

#include "http/front/front_socket.h"
#include "http/message/body_receiver.h"
#include "http/message/checked_response.h"

namespace sheafline::http {

namespace {

using Poco::Net::HTTPMessage;

// After this many bytes an upload returns to the loop, so that others get its thread.
constexpr std::size_t kTurnBytes = 8U << 20U;

// The head for Poco, as it was checked. We do the framing of the body, so Poco gets a length or
// nothing; checked forwarded addresses are in Call::origin.
std::string headForPoco(const Connection& c) {
    constexpr auto kDropped = std::to_array<std::string_view>(
        {"Transfer-Encoding", "Expect", "Content-Length", "X-Forwarded-For", "X-Forwarded-Proto",
         "X-Forwarded-Host", "Forwarded"});
    std::string head = c.head.method + ' ' + c.head.target + " HTTP/1.";
    head += c.head.minor == 1 ? "1\r\n" : "0\r\n";
    for (const auto& [name, value] : c.head.fields) {
        bool dropped = false;
        for (const std::string_view other : kDropped) dropped = dropped || sameName(name, other);
        if (!dropped) head.append(name).append(": ").append(value).append("\r\n");
    }
    const std::optional<std::uint64_t> length =
        c.decoder.done() && c.head.hasBody() ? c.body.size() : c.head.content_length;
    if (length) head += "Content-Length: " + std::to_string(*length) + "\r\n";
    return head += "\r\n";
}

Problem hiddenProblem() {
    return {.status = 500,
            .code = "INTERNAL",
            .detail =
                "an error happened in the server; try again. Its log has the reason under the "
                "X-Request-Id"};
}

bool hasReplyBody(const Connection& c, const CheckedResponse& response) {
    return c.head.method != "HEAD" && response.getStatus() != CheckedResponse::HTTP_NO_CONTENT &&
           response.getStatus() != CheckedResponse::HTTP_NOT_MODIFIED;
}

}  // namespace

// Poco's objects and the handler that uses them, in the order in which they depend on each other.
struct ServedRequest::Session {
    Session(Connection& c, Exchange& exchange, const ServeSettings& settings)
        : session(Poco::Net::StreamSocket(new FrontSocket(exchange, c.fd.get(), headForPoco(c),
                                                          settings.local, c.peer)),
                  settings.poco),
          response(session),
          request(response, session, const_cast<Poco::Net::HTTPServerParams*>(settings.poco.get())),
          call{.head = c.head,
               .params = c.plan.params,
               .origin = c.origin,
               .request_id = c.request_id,
               .exchange = &exchange} {}

    Poco::Net::HTTPServerSession session;
    CheckedResponse response;
    Poco::Net::HTTPServerRequestImpl request;
    Call call;
    std::unique_ptr<Poco::Net::HTTPRequestHandler> handler{};
    BodyReceiver* receiver = nullptr;
    bool wants_more = false;
};

ServedRequest::ServedRequest(Connection& connection, const ServeSettings& settings)
    : connection_(connection),
      settings_(settings),
      exchange_(connection, settings.exchange),
      always_(settings.exchange.config.reply_fields) {
    connection.close_after = !connection.head.keep_alive || settings.exchange.stopping;
    always_.emplace_back("X-Request-Id", connection.request_id);
}

ServedRequest::~ServedRequest() = default;

std::string ServedRequest::name() const {
    return connection_.head.method + ' ' + connection_.head.path + " (" + connection_.request_id +
           ')';
}

bool ServedRequest::run() {
    try {
        if (!proceed()) return false;
    } catch (const std::exception& error) {  // no memory, or Poco rejects a head that we accepted
        settings_.log.error(name() + " failed: " + error.what());
        exchange_.abort();
    }
    session_.reset();
    finish();
    return true;
}

// Runs the handler, and answers if it failed. Returns false if it waits for bytes.
bool ServedRequest::proceed() {
    if (!session_) {
        session_ = std::make_unique<Session>(connection_, exchange_, settings_);
        session_->request.stream().exceptions(std::ios::badbit);  // an incomplete body is an error
        CheckedResponse& response = session_->response;
        response.setVersion(connection_.head.minor == 1 ? HTTPMessage::HTTP_1_1
                                                        : HTTPMessage::HTTP_1_0);
        response.setDate(Poco::Timestamp());
        response.setKeepAlive(!connection_.close_after);
        for (const auto& [name, value] : always_) response.set(name, value);
    }
    std::optional<Problem> problem = hiddenProblem();
    try {
        if (!handle()) return false;
        problem = exchange_.failure();
        if (!problem && !session_->response.sent() && !connection_.detached) {
            settings_.log.error(name() + ": its handler sent no answer");
            problem = hiddenProblem();
        }
    } catch (const HttpError& error) {
        problem = exchange_.failure().value_or(error.problem());
    } catch (const Poco::Exception& error) {
        if (exchange_.failure())
            problem = exchange_.failure();
        else
            settings_.log.error(name() + " failed: " + error.displayText());
    } catch (const std::exception& error) {
        if (exchange_.failure())
            problem = exchange_.failure();
        else
            settings_.log.error(name() + " failed: " + error.what());
    } catch (...) {  // an exception of any other type
        settings_.log.error(name() + " failed for an unknown reason");
    }
    answer(problem);
    return true;
}

bool ServedRequest::handle() {
    Session& s = *session_;
    if (!s.handler) {
        s.handler = (*connection_.plan.make)(s.call);
        s.receiver = dynamic_cast<BodyReceiver*>(s.handler.get());
        if (s.receiver == nullptr) {
            s.handler->handleRequest(s.request, s.response);
            return true;
        }
        s.wants_more = s.receiver->begin(s.request, s.response);
    }
    return receive();
}

// Passes the bytes that arrived to the receiver. Returns false if more follow.
bool ServedRequest::receive() {
    Session& s = *session_;
    for (std::size_t taken = 0; s.wants_more;) {
        switch (exchange_.arrived()) {
            case Exchange::Arrived::piece: {
                if (taken > kTurnBytes) {
                    exchange_.lookAgain();
                    return false;
                }
                const std::span<const char> piece = exchange_.piece();
                taken += piece.size();
                s.wants_more = s.receiver->take(piece);
                exchange_.pieceTaken();
                break;
            }
            case Exchange::Arrived::end:
                s.receiver->end(BodyEnd::whole);
                return true;
            case Exchange::Arrived::broken:
                s.receiver->end(BodyEnd::broken);
                if (!s.response.sent()) throw HttpError(exchange_.brokenBy());
                return true;
            case Exchange::Arrived::none:
                return false;
        }
    }
    s.receiver->end(exchange_.bodyLeft() ? BodyEnd::unwanted : BodyEnd::whole);
    return true;
}

void ServedRequest::answer(const std::optional<Problem>& problem) {
    Connection& c = connection_;
    CheckedResponse& response = session_->response;
    c.status = response.getStatus();
    if (c.detached) return;
    if (problem && response.sent()) {
        // Before ~response, which would write the last chunk: an incomplete answer must look
        // incomplete.
        exchange_.abort();
        c.close_after = true;
    } else if (problem) {
        c.close_after = c.close_after || exchange_.bodyLeft();
        response.setKeepAlive(!c.close_after);
        response.sendProblem(*problem, always_);
    }
    if (!response.getKeepAlive() || exchange_.bodyLeft()) c.close_after = true;
    c.status = response.getStatus();
    c.promised_bytes.reset();
    if (response.hasContentLength() && hasReplyBody(c, response))
        c.promised_bytes = static_cast<std::uint64_t>(response.getContentLength64());
}

void ServedRequest::finish() {
    Connection& c = connection_;
    exchange_.finish();
    if (exchange_.aborted()) c.close_after = true;
    if (c.promised_bytes && *c.promised_bytes != exchange_.replyBodyBytes() && !c.detached) {
        if (!exchange_.aborted())
            settings_.log.error(name() + ": its handler wrote less than its Content-Length");
        c.close_after = true;
    }
    const auto& on_served = settings_.exchange.config.on_served;
    if (!on_served) return;
    on_served({.method = c.head.method,
               .path = c.head.path,
               .client = c.origin.client,
               .request_id = c.request_id,
               .status = c.status,
               .reply_bytes = exchange_.replyBytes(),
               .duration = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() -
                                                                                 c.started)});
}

}  // namespace sheafline::http
