// What users of the old service do with redis-cli and their own subscribers, against a real
// redis-server. Also runs the lines of docs/redis.md and compares their output.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "redis_server.h"
#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

// A command in the background whose output goes to a file.
class Listener {
 public:
    Listener(const std::string& command, std::filesystem::path output)
        : output_(std::move(output)),
          pid_(std::stoi(
              outputOf("{ " + command + " >" + output_.string() + " 2>&1 & } ; echo $!"))) {}
    ~Listener() { static_cast<void>(::kill(pid_, SIGTERM)); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::string output() const {
        std::ostringstream bytes;
        bytes << std::ifstream(output_).rdbuf();
        return bytes.str();
    }
    bool hears(const std::string& text) const {
        return eventually([&] { return output().find(text) != std::string::npos; });
    }

 private:
    const std::filesystem::path output_;
    const pid_t pid_;
};

// Values that differ between runs are replaced by # in both.
std::string steady(const std::string& text) {
    static const std::regex kTimes(
        R"re(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|"elapsed_seconds":\d+|"(rate_per_second|eta_seconds)":[0-9.]+,?|"seq":\d+|^3[56]\d\d$)re");
    return std::regex_replace(text, kTimes, "#");
}

struct Shown {
    std::string command;
    std::string output;
};

// "$ command" and what follows it in the document's blocks.
std::vector<Shown> shownIn(const std::filesystem::path& document) {
    std::vector<Shown> all;
    std::ifstream in(document);
    bool fenced = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("```")) {
            fenced = line == "```console";
        } else if (fenced && line.starts_with("$ ")) {
            all.push_back({line.substr(2), ""});
        } else if (fenced && !all.empty()) {
            all.back().output += (all.back().output.empty() ? "" : "\n") + line;
        }
    }
    return all;
}

}  // namespace

TEST_CASE("GET, LRANGE, TTL and PSUBSCRIBE work as with the Python service") {
    const Site site;
    const RedisServer redis;
    const std::string subscriber = "python3 " SHEAFLINE_SOURCE_DIR
                                   "/tests/server/redis/redis_subscriber.py " +
                                   std::to_string(redis.port());
    const Listener python(subscriber, site.folder / "python");
    const Listener cli(
        "redis-cli -p " + std::to_string(redis.port()) + " PSUBSCRIBE 'batch:*:progress'",
        site.folder / "cli");
    REQUIRE(python.hears("ready"));
    REQUIRE(cli.hears("psubscribe\nbatch:*:progress\n1\n"));
    const ProgramResult run = runProgram(
        site.folder.path(),
        {"run", "pipelines/squares.yaml", "--batch-id", "old", "--json", "--redis", redis.url()});
    REQUIRE(run.status == 0);
    CHECK(redis.cli("LRANGE batch:old:progress:log 0 -1") + "\n" == run.out);
    const std::string newest = redis.cli("GET batch:old:progress:current");
    CHECK(run.out.ends_with(newest + "\n"));
    CHECK(newest.starts_with(R"({"stage":"completed","message":"Batch completed successfully",)"
                             R"("progress_percentage":100.0,)"));
    CHECK(std::regex_match(redis.cli("GET batch:old:started_at"),
                           std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")));
    for (const char* key : {"progress:current", "progress:log", "started_at", "meta"}) {
        const int ttl = std::stoi(redis.cli("TTL batch:old:" + std::string(key)));
        CHECK(ttl <= 3600);
        CHECK(ttl > 3500);
    }
    REQUIRE(python.hears("completed 100.0%\n"));
    CHECK(python.output().find("\n1 queued 0.0%\n") != std::string::npos);
    REQUIRE(cli.hears(newest));
    CHECK(cli.output().find(
              "pmessage\nbatch:*:progress\nbatch:old:progress\n{\"stage\":\"queued\"") !=
          std::string::npos);
}

TEST_CASE("the commands of docs/redis.md print the documented output") {
    const auto shown = shownIn(std::filesystem::path(SHEAFLINE_SOURCE_DIR) / "docs/redis.md");
    REQUIRE(shown.size() >= 6);
    const TemporaryFolder folder;
    std::filesystem::create_directory_symlink(SHEAFLINE_SOURCE_DIR "/pipelines",
                                              folder / "pipelines");
    const RedisServer redis;
    const std::string port = std::to_string(redis.port());
    // As on a machine with the default port of Redis.
    folder.write("redis-cli", "#!/bin/sh\nexec /usr/bin/redis-cli -p " + port + " \"$@\"\n");
    std::filesystem::permissions(folder / "redis-cli", std::filesystem::perms::owner_all);
    const std::string tools =
        "cd " + folder.path().string() +
        " && export PATH=$PWD:" SHEAFLINE_BINARY_DIR "/bin:$PATH SHEAFLINE_REDIS=" + redis.url() +
        "; ";
    outputOf(tools + "sheafline sample --sheets 12 --out scans.zip");
    const Listener cli("redis-cli -p " + port + " PSUBSCRIBE 'batch:*:progress'", folder / "cli");
    REQUIRE(cli.hears("psubscribe\nbatch:*:progress\n1\n"));
    for (const Shown& one : shown) {
        INFO(one.command);
        if (one.command.find("PSUBSCRIBE") != std::string::npos) {
            REQUIRE(cli.hears("\"stage\":\"queued\""));
            CHECK(steady(cli.output()).starts_with(steady(one.output)));
        } else {
            CHECK(steady(outputOf(tools + one.command + " 2>/dev/null")) == steady(one.output));
        }
    }
}
