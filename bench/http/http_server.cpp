// GET /healthz from Sheafline's front or from Poco's own HTTPServer, with the same handler:
// http_server front|poco. Prints its port and runs until its standard input ends.
#include <cstdio>
#include <memory>
#include <string_view>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/ThreadPool.h>

#include "http/front/front.h"

namespace {

using namespace sheafline;

class Health : public Poco::Net::HTTPRequestHandler {
 public:
    void handleRequest(Poco::Net::HTTPServerRequest&,
                       Poco::Net::HTTPServerResponse& response) override {
        response.setContentType("text/plain");
        response.sendBuffer("ok\n", 3);
    }
};

class HealthFactory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
    Poco::Net::HTTPRequestHandler* createRequestHandler(
        const Poco::Net::HTTPServerRequest&) override {
        return new Health;
    }
};

class NoLog : public Log {
 public:
    void write(LogLevel, std::string_view) override {}
};

void runUntilEnd(int port) {
    std::printf("%d\n", port);
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
}

void runFront() {
    NoLog log;
    http::Router router;
    router.add("GET", "/healthz", {}, [](http::Call&) { return std::make_unique<Health>(); });
    http::Front front({.port = 0}, router, log);
    front.start();
    runUntilEnd(front.port());
}

// A thread for each of 2,000 connections: with its default of 16 threads, the comparison would be
// unfair.
void runPoco() {
    constexpr int kThreads = 2'000;
    Poco::ThreadPool threads(2, kThreads);
    auto* params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(kThreads);
    params->setMaxQueued(kThreads);
    params->setMaxKeepAliveRequests(0);
    const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0), 4096);
    Poco::Net::HTTPServer server(new HealthFactory, threads, socket, params);
    server.start();
    runUntilEnd(server.port());
    server.stopAll(true);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string_view(argv[1]) == "front") return runFront(), 0;
    if (argc == 2 && std::string_view(argv[1]) == "poco") return runPoco(), 0;
    std::fputs("usage: http_server front|poco\n", stderr);
    return 2;
}
