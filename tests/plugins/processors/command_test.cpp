// The processor `command` through its built .so, with real programs.
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <string>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/plugin.h>

#include "plugins/plugin_catalog.h"
#include "temporary_folder.h"

using namespace sheafline;  // NOLINT(google-build-using-namespace)

namespace {

const PluginCatalog& plugins() {
    static const PluginCatalog catalog{
        std::vector<std::filesystem::path>{SHEAFLINE_BINARY_DIR "/plugins"}};
    return catalog;
}

Reading readWith(std::vector<std::string> command, ParamValues more = {}) {
    const PluginEntry* entry = plugins().find(PluginKind::processor, "command");
    REQUIRE(entry != nullptr);
    more["command"] = {.list = std::move(command), .is_list = true};
    more.insert({"columns", {.list = {"q1", "q2"}, .is_list = true}});
    Params params(std::move(more));
    const auto processor = entry->descriptor->make_processor(params);
    params.requireAllRead();
    return processor->process({.number = 7,
                               .path = "/tmp/a b.jpg",
                               .page = 2,
                               .qr = "MATH-7B/1/{path}$(id)",
                               .group = "MATH-7B"});
}

Reading readWithShell(const std::string& script, ParamValues more = {}) {
    return readWith({"/bin/sh", "-c", script}, std::move(more));
}

std::size_t openFiles() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator("/proc/self/fd"))
        ++count;
    return count;
}

}  // namespace

TEST_CASE("the answer of a program becomes the reading of the sheet") {
    const Reading reading = readWith(
        {"/bin/echo",
         R"({"q2": 12.5, "q1": "B", "flags": "q1:faint", "confidence": 0.75, "more": [1]})"});
    CHECK(reading == Reading{.values = {"B", "12.5"}, .flags = "q1:faint", .confidence = 0.75});
    CHECK(readWith({"/bin/echo", R"({"q1": null, "q2": true})"}) ==
          Reading{.values = {"", "true"}});
}

TEST_CASE("placeholders are put in once, as one argument each, without a shell") {
    const Reading reading =
        readWith({"/bin/sh", "-c", R"(printf '{"q1": "%s", "q2": "%s"}' "$1" "$2")", "sh",
                  "{path}|{page}|{number}", "{qr} {group} {other}"});
    CHECK(reading ==
          Reading{.values = {"/tmp/a b.jpg|2|7", "MATH-7B/1/{path}$(id) MATH-7B {other}"}});
}

TEST_CASE("what a program does wrong refuses its sheet with a reason") {
    const auto [script, expected] = GENERATE(table<std::string, std::string>({
        {"echo no template >&2; exit 3", "the program ended with status 3: no template"},
        {"kill -SEGV $$", "the program died of SIGSEGV"},
        {"echo hello", "the program's answer is no JSON object"},
        {"echo '[1]'", "the program's answer is no JSON object"},
        {"true", "the program's answer is no JSON object"},
        {"echo '{\"q1\": \"A\"}'", "the program's answer has no 'q2'"},
        {"echo '{\"q1\": \"A\", \"q2\": {}}'", "'q2' in the program's answer is no single value"},
        {"echo '{\"q1\": 1, \"q2\": 2, \"confidence\": 7}'",
         "confidence in the program's answer is not from 0 to 1"},
        {"echo '{\"q1\": 1, \"q2\": 2, \"confidence\": \"high\"}'",
         "the program's answer is no JSON object"},
    }));
    CHECK_THAT(readWithShell(script).refusal, Catch::StartsWith(expected));
    CHECK_THAT(readWith({"/no/such/program"}).refusal,
               Catch::Equals("cannot start '/no/such/program': No such file or directory; check "
                             "`command`"));
}

TEST_CASE("a program that hangs or floods is killed with all that it started") {
    const TemporaryFolder folder;
    const std::string pid_file = (folder / "pid").string();
    const Reading hung = readWithShell("sleep 600 & echo $! > " + pid_file + "; wait",
                                       {{"timeout", {.text = "300ms"}}});
    CHECK(hung.refusal == "the program took longer than 300 ms; make it faster or raise `timeout`");
    // Without the kill it would not end for ten minutes.
    const auto sleeper = ::syscall(SYS_pidfd_open, std::stoi(folder.read("pid")), 0);
    if (sleeper >= 0) {
        pollfd ended{static_cast<int>(sleeper), POLLIN, 0};
        CHECK(::poll(&ended, 1, 60'000) == 1);
        ::close(ended.fd);
    }
    CHECK(readWithShell("yes", {{"max_output", {.text = "4KiB"}}}).refusal ==
          "the program wrote more than 4096 bytes; write less or raise `max_output`");
}

TEST_CASE("a child left behind does not hold the sheet up") {
    const Reading reading = readWithShell("sleep 600 & echo '{\"q1\": 1, \"q2\": 2}'");
    CHECK(reading == Reading{.values = {"1", "2"}});
}

TEST_CASE("no file and no process stays behind") {
    readWithShell("true");
    const std::size_t before = openFiles();
    const TemporaryFolder folder;
    folder.write("open", "");
    const int open = ::open((folder / "open").c_str(), O_RDONLY);  // inheritable on purpose
    const Reading reading = readWithShell(
        "printf '{\"q1\": %d, \"q2\": 0}' $(readlink /proc/$$/fd/* | grep -c sheafline-test)");
    ::close(open);
    readWithShell("yes", {{"max_output", {.text = "1KiB"}}});
    readWith({"/no/such/program"});
    CHECK(reading.values == std::vector<std::string>{"0", "0"});
    CHECK(openFiles() == before);
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
}
