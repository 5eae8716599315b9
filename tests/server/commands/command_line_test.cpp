// The command line as a person sees it: unknown words, lists, and exit statuses that do not depend
// on the owner of the data folder.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "base/data_folder.h"
#include "history/history.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

constexpr const char* kEndless =
    "name: endless\nstages:\n  - {id: a, uses: probe, with: {act: wait}}\n";
constexpr const char* kFails =
    "name: fails\nstages:\n  - {id: a, uses: probe, with: {act: fail}}\n";

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::size_t linesOf(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// A history with so many batches, the last one completed and the newest.
void fillHistory(const TemporaryFolder& folder, int batches) {
    const DataFolder data(folder.path() / "sheafline-data");
    data.prepare();
    History history(data.history(), "test");
    for (int i = 1; i <= batches; ++i) {
        const std::string id = "b" + std::to_string(i);
        history.submit({.batch_id = id,
                        .create = NewBatch{.pipeline = "p",
                                           .pipeline_file = "/p.yaml",
                                           .pipeline_text = "name: p\n",
                                           .params = "{}",
                                           .state = BatchState::queued}},
                       {});
    }
    history.commit({.batch_id = "b" + std::to_string(batches),
                    .state = BatchState::completed,
                    .outcome = Outcome{.state = BatchState::completed}});
}

// A port of the loopback address that another program listens on.
class TakenPort {
 public:
    TakenPort() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{.sin_family = AF_INET,
                            .sin_port = 0,
                            .sin_addr = {htonl(INADDR_LOOPBACK)},
                            .sin_zero = {}};
        socklen_t size = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        REQUIRE(::bind(fd_, any, size) == 0);
        REQUIRE(::listen(fd_, 1) == 0);
        REQUIRE(::getsockname(fd_, any, &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    ~TakenPort() { ::close(fd_); }
    TakenPort(const TakenPort&) = delete;
    TakenPort& operator=(const TakenPort&) = delete;

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
    int fd_;
    int port_ = 0;
};

}  // namespace

TEST_CASE("an unknown command or option is named with the nearest one, exit 2") {
    const TemporaryFolder folder;
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{"rum"}, "sheafline: unknown command 'rum'; did you mean 'run'?"},
        {{"batches", "lst"}, "sheafline: unknown command 'lst'; did you mean 'list'?"},
        {{"template", "chek"}, "sheafline: unknown command 'chek'; did you mean 'check'?"},
        {{"run", "p.yaml", "--inptu", "x.zip"},
         "sheafline: unknown option '--inptu' for 'sheafline run'; did you mean '--input'?"},
        {{"batches", "--data-dri=x"},
         "sheafline: unknown option '--data-dri=x' for 'sheafline batches'; did you mean "
         "'--data-dir'?"},
        {{"sheets", "fix", "b", "1", "--discrad"},
         "sheafline: unknown option '--discrad' for 'sheafline sheets fix'; did you mean "
         "'--discard'?"},
        {{"template", "check", "t.yaml", "s.png", "--blank"},
         "sheafline: unknown option '--blank' for 'sheafline template check'; known are '--help', "
         "'--help-all', '--out', '--version', '--config', '--data-dir', '--history', '--store', "
         "'--work-dir', '--plugin-path', '--log-level', '--log-format', '--set-aside-history'\n"},
        {{"cancel", "b", "c"}, "sheafline: unexpected argument 'c' for 'sheafline cancel'"},
        {{"b\x1b[2Jx"}, "sheafline: unknown command 'b\\x1b[2Jx'; known are 'run', 'resume', "},
        {{}, "sheafline: A subcommand is required"},
        {{"validate"}, "sheafline: PIPELINE is required"}};
    for (const auto& [arguments, message] : cases) {
        const auto result = runProgram(folder.path(), arguments);
        CHECK(result.err.substr(0, message.size()) == message);
        CHECK(result.status == 2);
        CHECK(result.out.empty());
    }
}

TEST_CASE("the options of all commands are accepted before and after the command") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kFails);
    CHECK(
        runProgram(folder.path(), {"--data-dir", "d", "run", "p.yaml", "--batch-id", "b"}).status ==
        1);
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--data-dir", "d", "batches", "show", "b"},
          {"batches", "--data-dir", "d", "show", "b"},
          {"batches", "show", "b", "--data-dir", "d"},
          {"batches", "show", "--data-dir=d", "b"}}) {
        const auto result = runProgram(folder.path(), arguments);
        CHECK(firstLine(result.out) == "batch     b");
        CHECK(result.status == 0);
    }
}

TEST_CASE("a batch may have the name of a command") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kFails);
    CHECK(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "list"}).status == 1);
    CHECK(firstLine(runProgram(folder.path(), {"batches", "show", "list"}).out) ==
          "batch     list");
}

TEST_CASE("the version names the commit and the plugin ABI") {
    const TemporaryFolder folder;
    const auto result = runProgram(folder.path(), {"--version"});
    CHECK_THAT(result.out, Catch::Matches("sheafline [0-9.]+ \\(commit [-a-z0-9]+, plugin ABI "
                                          "[0-9]+\\)\n"));
    CHECK(result.status == 0);
}

TEST_CASE("run and validate find an installed pipeline by its name") {
    const TemporaryFolder folder;
    CHECK(runProgram(folder.path(), {"validate", "omr-batch"}).out ==
          "omr-batch: valid (6 stages, 4 params)\n");
    std::filesystem::create_directory(folder.path() / "shelf");
    folder.write("shelf/any-file.yaml", kFails);
    const std::map<std::string, std::string> shelf{
        {"SHEAFLINE_PIPELINES_DIR", (folder.path() / "shelf").string()}};
    CHECK(runProgram(folder.path(), {"run", "fails"}, shelf).status == 1);
    const auto unknown = runProgram(folder.path(), {"run", "fials"}, shelf);
    CHECK(holds(unknown.err, "there is no file 'fials' and no pipeline of that name in "));
    CHECK(holds(unknown.err, "did you mean 'fails'?"));
    CHECK(unknown.status == 2);
}

TEST_CASE("batches lists a page and says that there are more") {
    const TemporaryFolder folder;
    fillHistory(folder, 250);
    const auto first = runProgram(folder.path(), {"batches", "--json"});
    CHECK(linesOf(first.out) == 100);
    CHECK(first.err ==
          "100 batches are listed; there are more. Next page: sheafline batches --after b151; all: "
          "sheafline batches --limit 0\n");
    const auto second = runProgram(folder.path(), {"batches", "list", "--after", "b151"});
    CHECK(linesOf(second.out) == 101);  // with its head
    CHECK(holds(second.err, "--after b51"));
    const auto last = runProgram(folder.path(), {"batches", "--after", "b51", "--limit", "50"});
    CHECK(linesOf(last.out) == 51);
    CHECK(last.err.empty());
    CHECK(linesOf(runProgram(folder.path(), {"batches", "--limit", "0", "--json"}).out) == 250);
    CHECK(runProgram(folder.path(), {"batches", "--after", "no-such"}).status == 2);
}

TEST_CASE("every list has a --json form") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kFails);
    CHECK(runProgram(folder.path(), {"run", "p.yaml", "--batch-id", "b"}).status == 1);
    for (const std::vector<std::string>& list : {std::vector<std::string>{"batches", "--json"},
                                                 {"batches", "list", "--json"},
                                                 {"batches", "show", "b", "--json"},
                                                 {"batches", "events", "b", "--json"},
                                                 {"resume", "b", "--plan", "--json"},
                                                 {"plugins", "--json"},
                                                 {"plugins", "list", "--json"},
                                                 {"plugins", "show", "extract", "--json"}}) {
        const auto result = runProgram(folder.path(), list);
        INFO(list[0] << ' ' << list[1] << ": " << result.err);
        CHECK(result.status == 0);
        CHECK(result.out.substr(0, 1) == "{");
        CHECK(result.out.substr(result.out.size() - 2) == "}\n");
    }
    CHECK(runProgram(folder.path(), {"sheets", "b", "--json"}).status == 0);
    CHECK(runProgram(folder.path(), {"user", "list", "--json"}).status == 0);
}

TEST_CASE("an input that cannot be read is exit 2 and makes no batch") {
    const TemporaryFolder folder;
    folder.write("p.yaml",
                 "name: p\nparams:\n  input: {type: path}\nstages:\n  - {id: a, uses: probe}\n");
    std::filesystem::create_directory(folder.path() / "scans");
    const auto missing = runProgram(folder.path(), {"run", "p.yaml", "--input", "missing.zip"});
    CHECK(holds(missing.err, "missing.zip: no such file"));
    CHECK(missing.status == 2);
    const auto directory = runProgram(folder.path(), {"run", "p.yaml", "--set", "input=scans"});
    CHECK(holds(directory.err, "scans: it is a folder; name the archive"));
    CHECK(directory.status == 2);
    const auto both =
        runProgram(folder.path(), {"run", "p.yaml", "--input", "p.yaml", "--set", "input=p.yaml"});
    CHECK(both.status == 2);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "sheafline-data"));
}

TEST_CASE("a missing secret names its variable before the first stage") {
    const TemporaryFolder folder;
    folder.write("p.yaml",
                 "name: p\nparams:\n  late: {type: boolean, default: true}\nstages:\n"
                 "  - {id: a, uses: probe, with: {note: first}}\n"
                 "  - {id: b, uses: probe, with: {note: 'x ${{ secrets.DOOR }}'}}\n"
                 "  - {id: c, uses: probe, if: params.late, with: {note: '${{ secrets.GATE }}'}}\n"
                 "sinks:\n  - {uses: jsonl, with: {file: '${{ secrets.PLACE }}'}}\n");
    const auto none = runProgram(folder.path(), {"run", "p.yaml"});
    CHECK(none.status == 2);
    CHECK(holds(none.err, "p.yaml:6:"));
    CHECK(holds(none.err, "note of stage 'b' needs the secret 'DOOR'; set SHEAFLINE_SECRET_DOOR"));
    CHECK(holds(none.err, "note of stage 'c' needs the secret 'GATE'; set SHEAFLINE_SECRET_GATE"));
    CHECK(holds(none.err, "file of a sink needs the secret 'PLACE'; set SHEAFLINE_SECRET_PLACE"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "sheafline-data"));
    const std::map<std::string, std::string> two{{"SHEAFLINE_SECRET_DOOR", "open"},
                                                 {"SHEAFLINE_SECRET_PLACE", "events.jsonl"}};
    CHECK(runProgram(folder.path(), {"run", "p.yaml", "--set", "late=false"}, two).status == 0);
    CHECK(runProgram(folder.path(), {"run", "p.yaml"}, two).status == 2);
}

TEST_CASE("resume and retry remember the plugin path of the batch") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kFails);
    const std::map<std::string, std::string> no_path{{"SHEAFLINE_PLUGIN_PATH", ""}};
    const auto run = runProgram(
        folder.path(),
        {"run", "p.yaml", "--batch-id", "b", "--plugin-path", SHEAFLINE_BINARY_DIR "/probes"},
        no_path);
    CHECK(run.status == 1);
    CHECK(runProgram(folder.path(), {"retry", "b"}, no_path).status == 1);
    const auto plan = runProgram(folder.path(), {"resume", "b", "--plan"}, no_path);
    CHECK(plan.err.empty());
    CHECK(plan.status == 0);
    CHECK(runProgram(folder.path(), {"run", "p.yaml"}, no_path).status == 2);
}

TEST_CASE("exit statuses are the same with and without an owner of the data folder") {
    const TemporaryFolder folder;
    folder.write("fails.yaml", kFails);
    folder.write("endless.yaml", kEndless);
    CHECK(runProgram(folder.path(), {"run", "fails.yaml", "--batch-id", "failed"}).status == 1);
    const auto statuses = [&] {
        std::string all;
        for (const std::vector<std::string>& arguments :
             {std::vector<std::string>{"cancel", "failed"},
              {"cancel", "no-such"},
              {"retry", "no-such"},
              {"resume", "failed"},
              {"resume", "no-such"},
              {"sheets", "fix", "failed", "7", "--discard"},
              {"retry", "failed"}})
            all += std::to_string(runProgram(folder.path(), arguments).status) + " ";
        return all;
    };
    CHECK(statuses() == "2 2 2 2 2 2 1 ");
    Program server(folder.path(), {"serve", "--listen", "127.0.0.1:0"});
    REQUIRE(server.waitForOutput("listening on "));
    CHECK(statuses() == "2 2 2 2 2 2 1 ");
    CHECK(runProgram(folder.path(), {"retry", "failed", "--no-wait"}).status == 0);
    server.signal(SIGTERM);
    CHECK(server.wait().status == 0);

    Program run(folder.path(), {"run", "endless.yaml", "--batch-id", "endless"});
    REQUIRE(run.waitForOutput("Batch created"));
    const auto busy = runProgram(folder.path(), {"retry", "failed"});
    CHECK(holds(busy.err, "which runs one batch only"));
    CHECK(busy.status == 75);
    CHECK(runProgram(folder.path(), {"cancel", "endless"}).status == 0);
    CHECK(run.wait().status == 3);
}

TEST_CASE("a port that is taken is exit 2, for serve and for run --sse") {
    const TemporaryFolder folder;
    folder.write("p.yaml", kFails);
    const TakenPort port;
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"serve", "--listen", port.address()},
          {"run", "p.yaml", "--sse", port.address()}}) {
        const auto result = runProgram(folder.path(), arguments);
        CHECK(holds(result.err,
                    "cannot listen on " + port.address() + ": another program uses this port"));
        CHECK(result.status == 2);
    }
    const auto foreign = runProgram(folder.path(), {"serve", "--listen", "192.0.2.1:0"});
    CHECK(holds(foreign.err, "this machine does not have the address"));
    CHECK(foreign.status == 2);
}
