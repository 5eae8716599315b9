#include "http/front/early_reply.h"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

namespace sheafline::http {

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
