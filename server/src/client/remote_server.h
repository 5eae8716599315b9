// A Sheafline server as a client sees it: one HTTP request after the other, each over a connection
// of its own. HTTPS certificates are checked against the machine's authorities (SSL_CERT_FILE and
// SSL_CERT_DIR name others). One thread.
//
//     RemoteServer server("https://sheafline.example");
//     server.authorize(token);
//     const HttpAnswer answer = server.send({.path = "/api/batches"});
//     if (answer.status != 200) throwRefusal(answer);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace sheafline {

struct HttpAsk {
    std::string method = "GET";
    std::string path{};  // as the API's description writes it, with its query
    std::map<std::string, std::string> fields{};
    std::string_view body{};
    std::function<void(std::size_t)> on_sent{};  // how much of the body went out
    // Takes the body of a 200 as it comes; false: no more of it is wanted.
    std::function<bool(std::string_view)> on_bytes{};
};

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> fields{};  // names in lower case
    std::string body{};                           // empty where on_bytes took it
};

class RemoteServer {
 public:
    // Throws ConfigError for what is no http or https address, and for one with a password in it.
    explicit RemoteServer(const std::string& url);

    const std::string& url() const { return url_; }  // without a slash at its end
    bool encrypted() const { return https_; }
    bool isLoopback() const;
    void authorize(std::string token) { token_ = std::move(token); }

    // Throws Error of class transient (SERVER_UNREACHABLE) where no answer came, or only a part.
    HttpAnswer send(const HttpAsk& ask) const;

 private:
    std::string url_;
    std::string host_;
    std::uint16_t port_ = 0;
    std::string prefix_;  // of every path, where the server stands below one
    bool https_ = false;
    std::string token_;
};

// What a server's refusal says: the field at fault, the remedy. Throws ConfigError, or Error of
// class transient where the same request may succeed later.
[[noreturn]] void throwRefusal(const HttpAnswer& answer);

}  // namespace sheafline
