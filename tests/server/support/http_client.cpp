#include "http_client.h"

#include <array>
#include <cstdio>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/String.h>
#include <Poco/URI.h>

namespace sheafline::test {

Reply HttpClient::send(const std::string& method, const std::string& path, const std::string& body,
                       const Headers& headers) const {
    const Poco::URI uri(url_);
    Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
    session.setTimeout(Poco::Timespan(patience_.count(), 0));
    Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
    for (const auto& [name, value] : headers) request.set(name, value);
    // Without a length, Poco ends its side of the connection, which nginx takes for a client that
    // left.
    if (!body.empty() || method == "POST" || method == "PATCH" || method == "PUT")
        request.setContentLength(static_cast<std::streamsize>(body.size()));
    session.sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    std::istream& stream = session.receiveResponse(response);
    Reply reply{.status = response.getStatus()};
    Poco::StreamCopier::copyToString(stream, reply.body);
    for (const auto& [name, value] : response) reply.headers[Poco::toLower(name)] = value;
    if (!document_) return reply;
    const auto type = reply.headers.find("content-type");
    const std::string mismatch = document_->mismatch(
        method, path, reply.status, type == reply.headers.end() ? "" : type->second, reply.body);
    if (!mismatch.empty()) throw std::logic_error(mismatch);
    return reply;
}

std::vector<StreamedEvent> curlStream(const std::string& url, const Headers& headers,
                                      std::atomic<bool>* begun) {
    std::string command = "curl -sN --max-time 100 '" + url + "'";
    for (const auto& [name, value] : headers) command += " -H '" + name + ": " + value + "'";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string text;
    std::array<char, 4096> piece{};
    const int fd = ::fileno(pipe.get());
    for (ssize_t n = 0; (n = ::read(fd, piece.data(), piece.size())) > 0;) {
        text.append(piece.data(), static_cast<std::size_t>(n));
        if (begun != nullptr) *begun = true;
    }
    return streamedEvents(text);
}

std::vector<StreamedEvent> streamedEvents(const std::string& text) {
    std::vector<StreamedEvent> events;
    StreamedEvent event;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("event: ")) event.name = line.substr(7);
        if (line.starts_with("id: ")) event.id = line.substr(4);
        if (line.starts_with("data: ")) event.data = line.substr(6);
        if (!line.empty() || event.name.empty()) continue;
        events.push_back(event);
        event = {};
    }
    return events;
}

std::string value(const std::string& json, const std::string& key) {
    const auto at = json.find("\"" + key + "\":");
    if (at == std::string::npos) return {};
    const auto begin = at + key.size() + 3;
    if (json[begin] == '"') return json.substr(begin + 1, json.find('"', begin + 1) - begin - 1);
    return json.substr(begin, json.find_first_of(",}]", begin) - begin);
}

}  // namespace sheafline::test
