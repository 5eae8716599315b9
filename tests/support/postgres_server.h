// A real PostgreSQL server for one test: in a temporary folder, on a free port of 127.0.0.1, with
// the user "tester" and the password "secret". It ends with the test.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "child_server.h"
#include "temporary_folder.h"

namespace sheafline::test {

class PostgresServer {
 public:
    static bool installed();

    PostgresServer();
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    std::string url(const std::string& password = "secret",
                    const std::string& database = "postgres") const;
    std::string query(const std::string& sql) const;  // rows as `psql -At` prints them

    // Restarts it with a self-signed certificate for 127.0.0.1.
    void useTls();
    std::filesystem::path certificate() const;

    void stopImmediately();  // as `pg_ctl stop -m immediate`, and waits for its end
    void kill();             // SIGKILL to the server and all its backends, and waits for their end
    void start();            // returns when it takes connections

 private:
    const TemporaryFolder folder_{};
    const int port_;
    std::optional<ChildServer> server_{};
};

}  // namespace sheafline::test
