// `submit` sends an archive to a server over connections that break.
#include <csignal>
#include <random>

#include <catch2/catch.hpp>

#include "cutting_proxy.h"
#include "program.h"
#include "running_server.h"
#include "temporary_folder.h"
#include "terminal.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::vector<std::string> submitWords(const std::string& url, const std::vector<std::string>& more) {
    std::vector<std::string> words{"submit", "sample.zip", "--server", url};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

// A server and an archive to send to it.
struct Sending {
    Site site{};
    const std::string archive = site.archive(20);
    RunningServer server{site};
    const Headers admin = server.signInAdmin();
    const std::string url = server.client().url();

    std::map<std::string, std::string> token() const {
        return {{"SHEAFLINE_TOKEN", admin.at("Authorization").substr(7)}};
    }
    ProgramResult run(const std::vector<std::string>& arguments) const {
        return runProgram(site.folder.path(), arguments, token());
    }
    std::string archiveOf(const std::string& batch) const {
        return site.folder.read(stored("batches/" + batch + "/archive.zip"));
    }
};

std::string batchOf(const std::string& text) {
    const auto at = text.find("batch ") + 6;
    return text.substr(at, 36);
}

}  // namespace

TEST_CASE("submit sends a file, follows its batch, and names the results") {
    const Sending s;
    const auto done = s.run(submitWords(s.url, {"--pipeline", "unpack", "--set", "note=hi"}));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(done.out.find("  uploading           100.0%  ") != std::string::npos);
    CHECK(done.out.find("Completed in ") != std::string::npos);
    CHECK(s.archiveOf(batchOf(done.err)) == s.archive);

    const auto json = s.run(submitWords(s.url, {"--pipeline", "unpack", "--json"}));
    CHECK(json.status == 0);
    CHECK(json.out == s.run({"batches", "events", batchOf(json.err)}).out);
}

TEST_CASE("submit continues after every broken connection, and the archive is unchanged") {
    const Sending s;
    std::mt19937 dice(7);
    // The first connections list the pipelines and create the batch; then every second breaks.
    const CuttingProxy proxy(s.server.portNumber(), [&](int connection) -> std::size_t {
        return connection > 2 && connection % 2 == 0 && connection < 20
                   ? 500 + std::uniform_int_distribution<std::size_t>(0, 2'000'000)(dice)
                   : 0;
    });
    const auto done = s.run(submitWords(proxy.url(), {"--pipeline", "unpack"}));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(proxy.cuts() >= 1);
    CHECK(s.archiveOf(batchOf(done.err)) == s.archive);
}

TEST_CASE("a killed upload continues with --resume, and only with the same file") {
    const Sending s;
    std::string id;
    {
        const CuttingProxy proxy(s.server.portNumber(), [](int connection) -> std::size_t {
            return connection > 3 ? 100'000 : 0;
        });
        Program submit(s.site.folder.path(), submitWords(proxy.url(), {"--pipeline", "unpack"}),
                       s.token());
        id = batchOf("batch " + submit.waitForLineAfter("batch "));
        REQUIRE(eventually([&] { return proxy.cuts() >= 1; }));
        submit.signal(SIGKILL);
        submit.wait();
    }
    CHECK(value(s.server.client().get(at(id, ""), s.admin).body, "state") == "uploading");
    s.site.folder.write("other.zip", "another file");
    const auto other = s.run({"submit", "other.zip", "--server", s.url, "--resume", id});
    INFO(other.err);
    CHECK(other.status == 2);
    CHECK(other.err.find("but the upload of " + id + " began with a file of") != std::string::npos);
    const auto done = s.run(submitWords(s.url, {"--resume", id}));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(s.archiveOf(id) == s.archive);
    // All of it has arrived: only its end is shown.
    CHECK(s.run(submitWords(s.url, {"--resume", id})).status == 0);
}

TEST_CASE("submit draws the upload and the stages on a terminal") {
    const Sending s;
    auto words = submitWords(s.url, {"--pipeline", "unpack"});
    words.insert(words.end(), {"--user", "admin"});
    const TerminalSession session(
        s.site.folder.path(), words, 80, 24,
        {.question = "Password of admin: ", .answer = s.server.firstPassword() + "\n"});
    INFO(session.bytes());
    CHECK(session.status() == 0);
    CHECK(session.bytes().find(" MB") != std::string::npos);
    const std::string screen = session.screen();
    CHECK(screen.find("uploading           ################### 100.0%  Chunk 1/1 uploaded") !=
          std::string::npos);
    CHECK(screen.find("extract             ################### 100.0%  Extracted 20 files") !=
          std::string::npos);
}

TEST_CASE("submit rejects what cannot work before it sends anything") {
    const Sending s;
    struct Case {
        std::vector<std::string> words;
        const char* said;
    };
    const std::vector<Case> cases{
        {submitWords(s.url, {}), "--pipeline NAME is required"},
        {submitWords(s.url, {"--pipeline", "unpak"}), "did you mean 'unpack'?"},
        {submitWords(s.url, {"--pipeline", "squares"}), "that takes a file"},
        {submitWords(s.url, {"--pipeline", "unpack", "--set", "note"}), "KEY=VALUE"},
        {submitWords(s.url, {"--pipeline", "unpack", "--set", "nota=hi"}), "/params/nota"},
        {submitWords(s.url, {"--pipeline", "unpack", "--set", "input=/etc/passwd"}),
         "/params/input"},
        {{"submit", "none.zip", "--server", s.url, "--pipeline", "unpack"}, "cannot read none.zip"},
    };
    for (const Case& one : cases) {
        const auto rejected = s.run(one.words);
        INFO(one.said << ": " << rejected.err);
        CHECK(rejected.status == 2);
        CHECK(rejected.err.find(one.said) != std::string::npos);
    }
    CHECK(s.server.client().get("/api/batches", s.admin).body == R"({"items":[],"next":null})");
}
