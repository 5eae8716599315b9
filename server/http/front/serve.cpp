#include "http/front/serve.h"

#include <array>
#include <exception>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerSession.h>
#include <Poco/Net/StreamSocket.h>

#include "http/front/front_socket.h"
#include "http/message/checked_response.h"

namespace sheafline::http {

namespace {

using Poco::Net::HTTPMessage;

// What Poco reads: the head as it was checked. The body's framing is ours, so Poco is told a length
// or nothing; forwarded addresses are in Call::origin, where they have been judged.
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
    return {.status = 500, .code = "INTERNAL", .detail = "something went wrong on the server"};
}

// Runs the handler; returns what has to be answered instead where it failed.
std::optional<Problem> runHandler(const Connection& c, Call& call, Exchange& exchange,
                                  Poco::Net::HTTPServerRequest& request,
                                  Poco::Net::HTTPServerResponse& response, Log& log) {
    try {
        (*c.plan.make)(call)->handleRequest(request, response);
        if (exchange.failure()) return exchange.failure();
        if (response.sent() || c.detached) return std::nullopt;
        log.error("a handler left " + c.head.method + ' ' + c.head.path + " without an answer");
    } catch (const HttpError& error) {
        return exchange.failure().value_or(error.problem());
    } catch (const Poco::Exception& error) {
        if (exchange.failure()) return exchange.failure();
        log.error(c.head.method + ' ' + c.head.path + " failed: " + error.displayText());
    } catch (const std::exception& error) {
        if (exchange.failure()) return exchange.failure();
        log.error(c.head.method + ' ' + c.head.path + " failed: " + error.what());
    } catch (...) {  // a plugin's or library's own type
        log.error(c.head.method + ' ' + c.head.path + " failed for an unknown reason");
    }
    return hiddenProblem();
}

bool hasReplyBody(const Connection& c, const CheckedResponse& response) {
    return c.head.method != "HEAD" && response.getStatus() != CheckedResponse::HTTP_NO_CONTENT &&
           response.getStatus() != CheckedResponse::HTTP_NOT_MODIFIED;
}

void answer(Connection& c, Exchange& exchange, const ServeSettings& settings) {
    Poco::Net::HTTPServerSession session(
        Poco::Net::StreamSocket(
            new FrontSocket(exchange, c.fd.get(), headForPoco(c), settings.local, c.peer)),
        settings.poco);
    CheckedResponse response(session);
    Poco::Net::HTTPServerRequestImpl request(
        response, session, const_cast<Poco::Net::HTTPServerParams*>(settings.poco.get()));
    request.stream().exceptions(std::ios::badbit);  // else a truncated body looks whole
    response.setVersion(c.head.minor == 1 ? HTTPMessage::HTTP_1_1 : HTTPMessage::HTTP_1_0);
    response.setDate(Poco::Timestamp());
    response.setKeepAlive(!c.close_after);
    Fields always = settings.exchange.config.reply_fields;
    always.emplace_back("X-Request-Id", c.request_id);
    for (const auto& [name, value] : always) response.set(name, value);

    Call call{.head = c.head,
              .params = c.plan.params,
              .origin = c.origin,
              .request_id = c.request_id,
              .exchange = &exchange};
    const std::optional<Problem> problem =
        runHandler(c, call, exchange, request, response, settings.log);
    c.status = response.getStatus();
    if (c.detached) return;
    if (problem && response.sent()) {
        // Before ~response, which would write the last chunk: a cut answer must look cut.
        exchange.abort();
        c.close_after = true;
    } else if (problem) {
        c.close_after = c.close_after || exchange.bodyLeft();
        response.setKeepAlive(!c.close_after);
        response.sendProblem(*problem, always);
    }
    if (!response.getKeepAlive()) c.close_after = true;
    if (exchange.bodyLeft()) c.close_after = true;
    c.status = response.getStatus();
    c.promised_bytes.reset();
    if (response.hasContentLength() && hasReplyBody(c, response))
        c.promised_bytes = static_cast<std::uint64_t>(response.getContentLength64());
}

}  // namespace

void serve(Connection& c, const ServeSettings& settings) {
    Exchange exchange(c, settings.exchange);
    c.close_after = !c.head.keep_alive || settings.stopping;
    try {
        answer(c, exchange, settings);
    } catch (const std::exception& error) {  // no memory, or Poco refuses a head that we took
        settings.log.error(c.head.method + ' ' + c.head.path + " failed: " + error.what());
        exchange.abort();
    }
    exchange.finish();
    if (exchange.aborted()) c.close_after = true;
    if (c.promised_bytes && *c.promised_bytes != exchange.replyBodyBytes() && !c.detached) {
        if (!exchange.aborted())
            settings.log.error(c.head.method + ' ' + c.head.path +
                               " wrote less than its Content-Length");
        c.close_after = true;
    }
    if (settings.exchange.config.on_served) {
        settings.exchange.config.on_served(
            {.method = c.head.method,
             .path = c.head.path,
             .client = c.origin.client,
             .request_id = c.request_id,
             .status = c.status,
             .reply_bytes = exchange.replyBytes(),
             .duration =
                 std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - c.started)});
    }
}

std::string streamLater(const RequestHead& head, const Fields& always,
                        const std::string& request_id, std::uint64_t retry_ms) {
    const std::string body = "retry: " + std::to_string(retry_ms) + "\n\n";
    std::string reply = head.minor == 1 ? "HTTP/1.1 200 OK" : "HTTP/1.0 200 OK";
    for (const auto& [name, value] : always)
        reply.append("\r\n").append(name).append(": ").append(value);
    reply += "\r\nX-Request-Id: " + request_id;
    reply +=
        "\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nX-Accel-Buffering: no";
    reply += "\r\nContent-Length: " + std::to_string(body.size());
    reply += "\r\nConnection: close\r\n\r\n";
    return head.method == "HEAD" ? reply : reply + body;
}

std::string earlyReply(const Problem& problem, const RequestHead& head, bool close,
                       const Fields& always, const std::string& request_id) {
    const std::string json = problem.status < 400 ? std::string() : toJson(problem);
    std::string reply = "HTTP/1.";
    reply += head.minor == 1 ? "1 " : "0 ";
    reply += std::to_string(problem.status) + ' ';
    reply.append(reasonOf(problem.status)).append("\r\nDate: ");
    reply += Poco::DateTimeFormatter::format(Poco::Timestamp(), Poco::DateTimeFormat::HTTP_FORMAT);
    const auto addField = [&reply](const auto& field) {
        reply.append("\r\n").append(field.first).append(": ").append(field.second);
    };
    for (const auto& field : always) addField(field);
    for (const auto& field : problem.fields) addField(field);
    reply += "\r\nX-Request-Id: " + request_id;
    if (!json.empty()) reply += "\r\nContent-Type: application/problem+json";
    if (problem.status != 204) reply += "\r\nContent-Length: " + std::to_string(json.size());
    reply += close ? "\r\nConnection: close" : "\r\nConnection: keep-alive";
    reply += "\r\n\r\n";
    return head.method == "HEAD" ? reply : reply + json;
}

}  // namespace sheafline::http
