// Several servers with one history in PostgreSQL, one store, one key and one Redis, behind a proxy
// that chooses one of them at random for each request. Each has its own data folder.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "postgres_server.h"
#include "program.h"
#include "random_proxy.h"
#include "redis_server.h"
#include "temporary_folder.h"

namespace sheafline::test {

class SharedServers {
 public:
    using Environment = std::map<std::string, std::string>;

    // Starts `serve` with `arguments` `count` times in `folder`. A second group in the same folder
    // has the same history. `port` is that of the proxy; 0: a free one.
    SharedServers(const TemporaryFolder& folder, int count, int port, Environment environment,
                  const std::vector<std::string>& arguments);

    std::string url() const { return proxy_->url(); }
    std::size_t count() const { return servers_.size(); }
    Program& server(std::size_t index) { return *servers_.at(index); }
    const Program& server(std::size_t index) const { return *servers_.at(index); }
    std::string urlOf(std::size_t index) const { return "http://127.0.0.1:" + ports_.at(index); }
    // Kills it if it runs, and starts it again with the same folder and port.
    void restart(std::size_t index);
    PostgresServer& postgres() const;
    RedisServer& redis() const { return *redis_; }    // unless the caller has named another one
    std::string query(const std::string& sql) const;  // in the database of the history, as psql -At
    const std::string& historyUrl() const { return environment_.at("SHEAFLINE_HISTORY"); }

 private:
    std::unique_ptr<Program> start(std::size_t index, const std::string& port) const;

    const TemporaryFolder& folder_;
    std::vector<std::string> arguments_;
    std::unique_ptr<RedisServer> redis_;
    Environment environment_;
    std::vector<std::unique_ptr<Program>> servers_{};
    std::vector<std::string> ports_{};
    std::unique_ptr<RandomProxy> proxy_;
};

}  // namespace sheafline::test
