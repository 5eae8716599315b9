// An event stream through front and hub together, as a client sees it: directly, and behind the
// nginx of docs/nginx.conf.
#include <array>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <spawn.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "../../plugins/sinks/stream_fixture.h"
#include "front_fixture.h"
#include "http/front/event_stream.h"
#include "loopback.h"
#include "raw_client.h"
#include "temporary_folder.h"

using namespace sheafline;
using namespace sheafline::http;
using namespace sheafline::http::test;
using sheafline::sse::HubLoop;
using sheafline::sse::test::MemoryHistory;

namespace {

namespace fs = std::filesystem;

class StreamServer {
 public:
    StreamServer() {
        fixture_.route(
            "GET", "/api/batches/{id}/stream", {},
            [this](Call& call, Request&, Response& response) { stream(call, response); });
    }

    std::uint16_t port() { return fixture_.port(); }
    MemoryHistory& history() { return history_; }
    HubLoop& hub() { return hub_; }
    void publish(const std::string& stage) { history_.commitAndPublish(hub_, "b", stage); }
    void waitForClients(std::size_t count) const {
        while (hub_.stats().clients != count) std::this_thread::yield();
    }

 private:
    void stream(Call& call, Response& response) {
        const std::string* id = call.head.find("Last-Event-ID");
        const StreamPosition at =
            streamPosition(history_, call.param("id"), id != nullptr ? *id : std::string());
        if (at.finished) throw HttpError({.status = 204});
        std::optional<StreamClient> client = openStream(call, response);
        if (!client) return;
        client->batch_id = call.param("id");
        client->after = at.after;
        hub_.adopt(std::move(*client), history_);
    }

    MemoryHistory history_;
    HubLoop hub_{{}};
    FrontFixture fixture_;
};

std::string get(const std::string& version, const std::string& fields = {}) {
    return "GET /api/batches/b/stream HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n";
}

std::uint16_t freePort() {
    const FileDescriptor fd(::socket(AF_INET, SOCK_STREAM, 0));
    return sheafline::test::bindAnyPort(fd.get());
}

std::string outputOf(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string output;
    std::array<char, 4096> piece;
    while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), pipe.get()))
        output.append(piece.data(), n);
    return output;
}

void replace(std::string& text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    text.replace(at, what.size(), with);
}

// docs/nginx.conf with other ports and folders.
class Nginx {
 public:
    Nginx(const fs::path& folder, std::uint16_t upstream, const std::string& upstream_version)
        : port_(freePort()) {
        outputOf("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout " +
                 (folder / "key").string() + " -out " + (folder / "crt").string() + " 2>&1");
        std::ifstream file(SHEAFLINE_SOURCE_DIR "/docs/nginx.conf");
        std::string text{std::istreambuf_iterator<char>(file), {}};
        replace(text, "server 127.0.0.1:8000;",
                "server 127.0.0.1:" + std::to_string(upstream) + ';');
        replace(text, "listen 443 ", "listen 127.0.0.1:" + std::to_string(port_) + ' ');
        replace(text, "/etc/ssl/sheafline.crt", folder / "crt");
        replace(text, "/etc/ssl/sheafline.key", folder / "key");
        replace(text, "/var/log/nginx/sheafline.log", folder / "access.log");
        replace(text, "proxy_http_version 1.0", "proxy_http_version " + upstream_version);
        std::string own = "http {\n    access_log off;\n";
        for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
            own += "    " + std::string(kind) + "_temp_path " + (folder / kind).string() + ";\n";
        replace(text, "http {\n", own);
        // Otherwise a worker of another user cannot enter the folder.
        const std::string user = ::geteuid() == 0 ? "user root;\n" : "";
        std::ofstream(folder / "nginx.conf") << user << "pid " << (folder / "pid").string() << ";\n"
                                             << text;
        start(folder);
    }
    ~Nginx() {
        ::kill(pid_, SIGTERM);
        ::waitpid(pid_, nullptr, 0);
    }
    Nginx(const Nginx&) = delete;
    Nginx& operator=(const Nginx&) = delete;

    std::uint16_t port() const { return port_; }

 private:
    void start(const fs::path& folder) {
        const std::string log = folder / "error.log";
        const std::string conf = folder / "nginx.conf";
        const std::string prefix = folder;
        std::array<const char*, 10> arguments{"nginx",        "-e",   log.c_str(),  "-p",
                                              prefix.c_str(), "-c",   conf.c_str(), "-g",
                                              "daemon off;",  nullptr};
        REQUIRE(::posix_spawnp(&pid_, "nginx", nullptr, nullptr,
                               const_cast<char* const*>(arguments.data()), environ) == 0);
        for (;;) {
            try {
                const RawClient probe(port_);
                return;
            } catch (const std::runtime_error&) {
                REQUIRE(::waitpid(pid_, nullptr, WNOHANG) == 0);
            }
        }
    }

    std::uint16_t port_;
    pid_t pid_ = 0;
};

bool hasNginx() { return fs::exists("/usr/sbin/nginx") || fs::exists("/usr/bin/nginx"); }

}  // namespace

TEST_CASE("a stream has the headers that clients and proxies need") {
    StreamServer server;
    server.publish("queued");
    RawClient client(server.port());
    client.send(get("1.1"));
    const std::string head = client.readUntil("\r\n\r\n");
    for (const char* field :
         {"HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Cache-Control: no-cache",
          "Connection: keep-alive", "X-Accel-Buffering: no", "Transfer-Encoding: chunked"})
        CHECK(head.find(std::string(field) + "\r\n") != std::string::npos);
    CHECK(client.readUntil("\n\n").find("retry: ") != std::string::npos);
    CHECK(client.readUntil("\n\n").find("event: progress\nid: 1\ndata: {") != std::string::npos);
    server.publish("completed");
    CHECK(client.readAll().find("event: complete\nid: 2\n") != std::string::npos);
}

TEST_CASE("a stream for HTTP/1.0 has no chunks and ends by close") {
    StreamServer server;
    server.publish("completed");
    RawClient client(server.port());
    client.send(get("1.0"));
    const std::string head = client.readUntil("\r\n\r\n");
    CHECK(head.find("chunked") == std::string::npos);
    const std::string body = client.readAll();
    CHECK(body.find("retry: ") == 0);
    CHECK(
        body.ends_with("event: complete\nid: 1\ndata: "
                       "{\"stage\":\"completed\",\"message\":\"m\",\"seq\":1}\n\n"));
}

TEST_CASE("a client that has the final event gets 204, and HEAD gets only the headers") {
    StreamServer server;
    server.publish("completed");
    RawClient client(server.port());
    client.send(get("1.1", "Last-Event-ID: 1\r\n"));
    CHECK(statusOf(client.readUntil("\r\n\r\n")) == 204);
    client.send("HEAD /api/batches/b/stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const std::string head = client.readAll();
    CHECK(statusOf(head) == 200);
    CHECK(bodyOf(head).empty());
    CHECK(server.hub().stats().clients == 0);
}

TEST_CASE("a stream passes through nginx unbuffered, from HTTP/1.0 or 1.1 to HTTP/2") {
    if (!hasNginx()) {
        WARN("skipped: nginx is not installed");
        return;
    }
    const std::string version = GENERATE("1.0", "1.1");
    const TemporaryFolder folder;
    StreamServer server;
    const Nginx nginx(folder.path(), server.port(), version);
    const std::string url = "https://127.0.0.1:" + std::to_string(nginx.port());
    server.publish("queued");
    std::string stream;
    std::jthread reader([&] {
        stream = outputOf("curl -skN --http2 -w 'HTTP/%{http_version} %{http_code}' " + url +
                          "/api/batches/b/stream");
    });
    server.waitForClients(1);
    server.publish("processing_sheets");
    server.publish("completed");
    reader.join();
    for (const char* part : {"event: progress\nid: 1\n", "event: progress\nid: 2\n",
                             "event: complete\nid: 3\n", "HTTP/2 200"})
        CHECK(stream.find(part) != std::string::npos);
    CHECK(outputOf("head -c 300000 /dev/zero | curl -sk --data-binary @- " + url + "/echo | wc -c")
              .find("300000") == 0);
    CHECK(outputOf("curl -sk -H 'X-Forwarded-For: 6.6.6.6' " + url + "/origin") ==
          "127.0.0.1 http");
}
