// A Sheafline server as a client sees it: one HTTP request after another, each on a new connection.
// HTTPS certificates are checked against the certificate authorities of `files`, or of the machine.
// One thread.
//
//     RemoteServer server("https://sheafline.example");
//     server.authorize(token);
//     const HttpAnswer answer = server.send({.path = "/api/batches"});
//     if (answer.status != 200) throwRejection(answer);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <sheafline/redis/tls_files.h>

namespace sheafline {

struct HttpAsk {
    std::string method = "GET";
    std::string path{};  // as the API's description writes it, with its query
    std::map<std::string, std::string> fields{};
    std::string_view body{};
    std::function<void(std::size_t)> on_sent{};  // how many bytes of the body were sent
    // Receives the body of a 200 in pieces; returns false to stop.
    std::function<bool(std::string_view)> on_bytes{};
};

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> fields{};  // names in lower case
    std::string body{};                           // empty if on_bytes received it
};

class RemoteServer {
 public:
    // Throws ConfigError if it is not an http or https address, or if it contains a password.
    explicit RemoteServer(const std::string& url, TlsFiles files = {});

    const std::string& url() const { return url_; }  // without a trailing slash
    bool encrypted() const { return https_; }
    bool isLoopback() const;
    void authorize(std::string token) { token_ = std::move(token); }

    // Throws Error of class transient (SERVER_UNREACHABLE) if no answer arrived, or only a part.
    HttpAnswer send(const HttpAsk& ask) const;

 private:
    std::string url_;
    std::string host_;
    std::uint16_t port_ = 0;
    std::string prefix_;  // of every path, if a proxy serves it below one
    bool https_ = false;
    TlsFiles files_;
    std::string token_;
};

// Throws what a rejected request says (field, reason, remedy): ConfigError, or Error of class
// transient if the same request may succeed later.
[[noreturn]] void throwRejection(const HttpAnswer& answer);

}  // namespace sheafline
