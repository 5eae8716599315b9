#include "postgres_server.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <pwd.h>
#include <stdexcept>
#include <unistd.h>

namespace sheafline::test {

namespace {

const std::string kBin = "/usr/lib/postgresql/15/bin/";

// The server refuses to run as root.
const char* serverUser() { return ::getpwnam("postgres") != nullptr ? "postgres" : "nobody"; }

}  // namespace

bool PostgresServer::installed() { return ::access((kBin + "postgres").c_str(), X_OK) == 0; }

PostgresServer::PostgresServer() : port_(freePort()) {
    const std::filesystem::path data = folder_ / "data";
    std::filesystem::create_directory(data);
    folder_.write("password", "secret\n");
    if (::geteuid() == 0) {
        const passwd* user = ::getpwnam(serverUser());
        std::filesystem::permissions(folder_.path(), std::filesystem::perms(0755));
        if (user == nullptr || ::chown(data.c_str(), user->pw_uid, user->pw_gid) != 0) {
            throw std::runtime_error("cannot give the folder to the server's user");
        }
    }
    ChildServer initdb(
        {kBin + "initdb", "-D", data, "-U", "tester", "--auth=scram-sha-256", "--no-sync",
         "--encoding=UTF8", "--locale=C", "--pwfile=" + (folder_ / "password").string()},
        "Success.", serverUser());
    if (initdb.wait() != 0) throw std::runtime_error("initdb failed");
    start();
}

PostgresServer::~PostgresServer() = default;

void PostgresServer::start() {
    // After a kill, the old shared memory may be in use for a moment: then the server ends, and is
    // started again.
    do {
        server_.emplace(std::vector<std::string>{kBin + "postgres", "-D", folder_ / "data", "-p",
                                                 std::to_string(port_), "-k", "", "-c",
                                                 "listen_addresses=127.0.0.1", "-c", "fsync=off",
                                                 "-c", "max_connections=200"},
                        "ready to accept", serverUser());
    } while (!server_->ready());
}

void PostgresServer::useTls() {
    const std::string key = (folder_ / "data" / "server.key").string();
    const std::string make =
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext "
        "subjectAltName=IP:127.0.0.1 -keyout '" +
        key + "' -out '" + certificate().string() + "' 2> /dev/null && cp '" +
        certificate().string() + "' '" + (folder_ / "data" / "server.crt").string() +
        "' && chown --reference='" + (folder_ / "data").string() + "' '" +
        (folder_ / "data").string() + "'/server.* && chmod 600 '" + key + "'";
    if (std::system(make.c_str()) != 0) throw std::runtime_error("openssl failed");
    kill();
    std::ofstream(folder_ / "data" / "postgresql.conf", std::ios::app) << "ssl = on\n";
    start();
}

std::filesystem::path PostgresServer::certificate() const { return folder_ / "server.crt"; }

void PostgresServer::stopImmediately() {
    ::kill(server_->pid(), SIGQUIT);
    server_->wait();
    server_.reset();
}

void PostgresServer::kill() { server_.reset(); }

std::string PostgresServer::url(const std::string& password, const std::string& database) const {
    return "postgresql://tester:" + password + "@127.0.0.1:" + std::to_string(port_) + "/" +
           database;
}

std::string PostgresServer::query(const std::string& sql) const {
    return outputOf(
        "PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -At '" + url() +
        "' -c \"" + sql + "\"");
}

}  // namespace sheafline::test
