#include "redis_server.h"

#include <csignal>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace sheafline::test {

bool RedisServer::installed() { return ::access("/usr/bin/redis-server", X_OK) == 0; }

RedisServer::RedisServer(std::vector<std::string> options)
    : port_(freePort()), options_(std::move(options)) {
    start();
}

RedisServer::~RedisServer() = default;

void RedisServer::start() {
    std::vector<std::string> words{"/usr/bin/redis-server",
                                   "--bind",
                                   "127.0.0.1",
                                   "--port",
                                   std::to_string(port_),
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no",
                                   "--dir",
                                   folder_.path()};
    words.insert(words.end(), options_.begin(), options_.end());
    server_.emplace(words, "eady to accept connections");
    if (!server_->ready()) throw std::runtime_error("redis-server does not start");
}

void RedisServer::start(std::vector<std::string> options) {
    options_ = std::move(options);
    start();
}

void RedisServer::kill() { server_.reset(); }
void RedisServer::freeze() const { ::kill(server_->pid(), SIGSTOP); }
void RedisServer::thaw() const { ::kill(server_->pid(), SIGCONT); }

std::string RedisServer::url() const { return "redis://127.0.0.1:" + std::to_string(port_) + "/0"; }

std::string RedisServer::cli(const std::string& arguments) const {
    return outputOf("redis-cli -h 127.0.0.1 -p " + std::to_string(port_) + " " + arguments);
}

}  // namespace sheafline::test
