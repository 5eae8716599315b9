#include "shared_servers.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <stdexcept>
#include <utility>

namespace sheafline::test {

namespace {

// One for all cases of a process.
PostgresServer& runningPostgres() {
    static PostgresServer running;
    return running;
}

std::string databaseOf(const std::filesystem::path& folder) {
    PostgresServer& running = runningPostgres();
    static std::set<std::string> made;
    std::string name = "of_" + folder.filename().string();
    std::ranges::replace_if(
        name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (made.insert(name).second) running.query("CREATE DATABASE " + name);
    return running.url("secret", name);
}

// Whether one of the pipelines has the param `database`; the setting needs one.
bool wantDatabase(const std::filesystem::path& pipelines) {
    if (!std::filesystem::is_directory(pipelines)) return false;
    return std::ranges::any_of(std::filesystem::directory_iterator(pipelines),
                               [](const auto& entry) {
                                   if (!entry.is_regular_file()) return false;
                                   std::ifstream file(entry.path());
                                   const std::string text{std::istreambuf_iterator<char>(file), {}};
                                   return text.find("\n  database: ") != std::string::npos;
                               });
}

bool names(const std::vector<std::string>& arguments, const std::string& option) {
    return std::ranges::find(arguments, option) != arguments.end();
}

}  // namespace

SharedServers::SharedServers(const TemporaryFolder& folder, int count, int port,
                             Environment environment, const std::vector<std::string>& arguments)
    : folder_(folder), arguments_(arguments), environment_(std::move(environment)) {
    if (!environment_.contains("SHEAFLINE_REDIS") && !names(arguments, "--redis")) {
        redis_ = std::make_unique<RedisServer>();
        environment_["SHEAFLINE_REDIS"] = redis_->url();
    }
    environment_["SHEAFLINE_HISTORY"] = databaseOf(folder.path());
    environment_["SHEAFLINE_STORE"] = folder.path() / "store";
    environment_.emplace("SHEAFLINE_PIPELINES_DIR", "pipelines");
    // A file of SQLite in the folder of a batch is not for several servers.
    if (!names(arguments_, "--config") && !environment_.contains("SHEAFLINE_CONFIG") &&
        wantDatabase(folder_.path() / environment_["SHEAFLINE_PIPELINES_DIR"])) {
        const std::filesystem::path config = folder_.path() / "servers.conf";
        std::ofstream(config) << "set.database = " << environment_["SHEAFLINE_HISTORY"] << '\n';
        std::filesystem::permissions(
            config, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        arguments_.insert(arguments_.end(), {"--config", config});
    }
    for (int i = 0; i < count; ++i) {
        servers_.push_back(start(servers_.size(), "0"));
        const std::string url = servers_.back()->waitForLineAfter("listening on ");
        if (url.empty()) {
            throw std::runtime_error("server " + std::to_string(i) +
                                     " did not start to listen: " + servers_.back()->wait().err);
        }
        ports_.push_back(url.substr(url.rfind(':') + 1));
    }
    proxy_ = std::make_unique<RandomProxy>(ports_, port);
}

std::unique_ptr<Program> SharedServers::start(std::size_t index, const std::string& port) const {
    std::vector<std::string> words{"serve", "--listen", "127.0.0.1:" + port};
    words.insert(words.end(), arguments_.begin(), arguments_.end());
    Environment environment = environment_;
    const auto first = environment.emplace("SHEAFLINE_DATA_DIR", "sheafline-data").first;
    if (const auto work = environment.find("SHEAFLINE_WORK_DIR"); work != environment.end()) {
        work->second += "/server-" + std::to_string(index + 1);
        std::filesystem::create_directories(work->second);
    }
    if (index > 0) {
        // The first server makes the key, as a single server does.
        environment.emplace("SHEAFLINE_SECRET_KEY", folder_.path() / first->second / "secret.key");
        first->second += "-" + std::to_string(index + 1);
    }
    return std::make_unique<Program>(folder_.path(), words, environment);
}

PostgresServer& SharedServers::postgres() const { return runningPostgres(); }

std::string SharedServers::query(const std::string& sql) const {
    folder_.write("query.sql", sql);
    return outputOf(
        "PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -At '" +
        historyUrl() + "' -f '" + (folder_ / "query.sql").string() + "'");
}

void SharedServers::restart(std::size_t index) {
    servers_.at(index).reset();
    servers_.at(index) = start(index, ports_.at(index));
    if (servers_.at(index)->waitForLineAfter("listening on ").empty())
        throw std::runtime_error("the server did not start again");
}

}  // namespace sheafline::test
