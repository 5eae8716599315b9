// Workers whose connections to Redis and to the server are encrypted: a real redis-server with TLS,
// and nginx in front of the server.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "child_server.h"
#include "redis_server.h"
#include "running_server.h"
#include "tls_certificates.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

using Environment = std::map<std::string, std::string>;

// Both Redis and nginx demand a client certificate.
struct EncryptedSite : Site {
    const TlsCertificates certificates;
    const int redis_port = freePort();
    const int nginx_port = freePort();
    const int server_port = freePort();
    RedisServer redis{{"--tls-port", std::to_string(redis_port), "--tls-cert-file",
                       certificates.file("server.pem"), "--tls-key-file",
                       certificates.file("server.key"), "--tls-ca-cert-file",
                       certificates.file("ca.pem")}};
    TemporaryFolder elsewhere;
    std::unique_ptr<ChildServer> nginx;

    EncryptedSite() {
        folder.write("pipelines/far.yaml",
                     "name: far\nstages:\n"
                     "  - {id: make, uses: probe, with: {act: sheets, count: 10}}\n"
                     "  - {id: process, uses: dispatch, with: {processor: probe, executor: redis, "
                     "lease: 900ms, sheets: http}}\n");
        elsewhere.write("nginx.conf", nginxConfiguration());
        nginx = std::make_unique<ChildServer>(
            std::vector<std::string>{"/usr/sbin/nginx", "-p", elsewhere.path().string(), "-c",
                                     (elsewhere.path() / "nginx.conf").string()},
            "start worker process");
        REQUIRE(nginx->ready());
    }

    std::string nginxConfiguration() const {
        return "daemon off;\nerror_log stderr notice;\npid nginx.pid;\n"
               "worker_processes 1;\nevents {}\nhttp {\n  access_log off;\n"
               "  client_body_temp_path body;\n  proxy_temp_path proxy;\n"
               "  fastcgi_temp_path fastcgi;\n  uwsgi_temp_path uwsgi;\n  scgi_temp_path scgi;\n"
               "  server {\n    listen 127.0.0.1:" +
               std::to_string(nginx_port) + " ssl;\n    ssl_certificate " +
               certificates.file("server.pem") + ";\n    ssl_certificate_key " +
               certificates.file("server.key") + ";\n    ssl_client_certificate " +
               certificates.file("ca.pem") +
               ";\n    ssl_verify_client on;\n    location / { proxy_pass http://127.0.0.1:" +
               std::to_string(server_port) + "; }\n  }\n}\n";
    }
    Environment environment() const {
        return {{"SHEAFLINE_REDIS", "rediss://127.0.0.1:" + std::to_string(redis_port)},
                {"SHEAFLINE_TLS_CA", certificates.file("ca.pem")},
                {"SHEAFLINE_TLS_CERT", certificates.file("client.pem")},
                {"SHEAFLINE_TLS_KEY", certificates.file("client.key")},
                {"SHEAFLINE_LOG_LEVEL", "info"}};
    }
    Environment serverEnvironment(const std::string& host) const {
        Environment all = environment();
        all["SHEAFLINE_WORKER_URL"] = "https://" + host + ":" + std::to_string(nginx_port);
        return all;
    }
    std::unique_ptr<Program> worker(const Environment& with) const {
        return std::make_unique<Program>(
            elsewhere.path(),
            std::vector<std::string>{"worker", "--concurrency", "2", "--heartbeat", "100ms"}, with);
    }
};

std::string lastMessage(RunningServer& server, const std::string& id, const Headers& admin) {
    return value(server.client().get(at(id, "/progress"), admin).body, "message");
}

}  // namespace

TEST_CASE("workers fetch sheets over https and reach Redis over TLS, with client certificates") {
    const EncryptedSite site;
    RunningServer server(site, std::to_string(site.server_port),
                         site.serverEnvironment("127.0.0.1"));
    const auto worker = site.worker(site.environment());
    REQUIRE(worker->waitForOutput("takes 2 sheets at a time from rediss://127.0.0.1:"));
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("far", admin);
    CHECK(server.stream(id, admin).back().name == "complete");
    CHECK(value(server.client().get(at(id, "/sheets/7"), admin).body, "square") == "49");
    // The sink of Redis may be behind the stream.
    CHECK(eventually([&] {
        return site.redis.cli("GET batch:" + id + ":progress:current").find("\"completed\"") !=
               std::string::npos;
    }));
}

TEST_CASE("a worker rejects a server whose certificate has another name, and the batch says why") {
    const EncryptedSite site;
    RunningServer server(site, std::to_string(site.server_port),
                         site.serverEnvironment("localhost"));
    const auto worker = site.worker(site.environment());
    const Headers admin = server.signInAdmin();
    const std::string id = server.create("far", admin);
    std::string message;
    REQUIRE(eventually([&] {
        message = lastMessage(server, id, admin);
        return message.find("cannot fetch sheets from their server") != std::string::npos;
    }));
    CHECK_THAT(message, Catch::Contains("ertificate"));
    CHECK(server.client().send("POST", at(id, "/cancel"), "", admin).status == 202);
    CHECK(server.stream(id, admin).back().name == "error");
}

TEST_CASE("a worker without the authority or the client certificate ends with the reason") {
    const EncryptedSite site;
    Environment untrusting = site.environment();
    untrusting["SHEAFLINE_TLS_CA"] = site.certificates.file("other-ca.pem");
    const auto rejected = site.worker(untrusting)->wait();
    CHECK(rejected.status != 0);
    CHECK_THAT(rejected.err, Catch::Contains("its certificate is rejected"));
    Environment half = site.environment();
    half.erase("SHEAFLINE_TLS_KEY");
    const auto misconfigured = site.worker(half)->wait();
    CHECK(misconfigured.status == 2);
    CHECK_THAT(misconfigured.err, Catch::Contains("tls-cert and tls-key must be set together"));
}
