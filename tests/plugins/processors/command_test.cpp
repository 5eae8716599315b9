// The processor `command` through its built .so, with real programs.
#include <cerrno>
#include <cstdlib>
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

Reading readWith(std::vector<std::string> command, ParamValues more = {},
                 const std::filesystem::path& folder = {},
                 const std::string& qr = "MATH-7B/1/{path}$(id)") {
    const PluginEntry* entry = plugins().find(PluginKind::processor, "command");
    REQUIRE(entry != nullptr);
    more["command"] = {.list = std::move(command), .is_list = true};
    more.insert({"columns", {.list = {"q1", "q2"}, .is_list = true}});
    Params params(std::move(more), folder);
    const auto processor = entry->descriptor->make_processor(params);
    params.requireAllRead();
    return processor->process({.number = 7,
                               .path = "/tmp/a b.jpg",
                               .page = 2,
                               .qr = qr,
                               .group = qr.substr(0, qr.find('/'))});
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

TEST_CASE("the output of a program becomes the reading of the sheet") {
    const Reading reading = readWith(
        {"/bin/echo",
         R"({"q2": 12.5, "q1": "B", "flags": "q1:faint", "confidence": 0.75, "more": [1]})"});
    CHECK(reading == Reading{.values = {"B", "12.5"}, .flags = "q1:faint", .confidence = 0.75});
    CHECK(readWith({"/bin/echo", R"({"q1": null, "q2": true})"}) ==
          Reading{.values = {"", "true"}});
}

TEST_CASE("placeholders are replaced once, as one argument each, without a shell") {
    const Reading reading =
        readWith({"/bin/sh", "-c", R"(printf '{"q1": "%s", "q2": "%s"}' "$1" "$2")", "sh",
                  "{path}|{page}|{number}", "{qr} {group} {other}"});
    CHECK(reading ==
          Reading{.values = {"/tmp/a b.jpg|2|7", "MATH-7B/1/{path}$(id) MATH-7B {other}"}});
}

TEST_CASE("a text from a sheet is never an option, a cut argument or the program") {
    const auto with = [&](const std::string& argument, const std::string& qr) {
        std::vector<std::string> command{"/bin/sh", "-c", R"(echo '{"q1": 1, "q2": 2}')", "sh"};
        command.push_back(argument);
        return readWith(std::move(command), {}, {}, qr).reason;
    };
    for (const char* argument : {"{qr}", "{group}", "{qr}.txt"}) {
        for (const char* qr : {"-o/etc/passwd", "--help", "-"}) {
            INFO(argument << ' ' << qr);
            CHECK(with(argument, qr).find("begins with '-'") != std::string::npos);
        }
        CHECK(with(argument, "MATH-7B").empty());
    }
    CHECK(with("--code={qr}", "-x").empty());
    CHECK(with("x{qr}", std::string("a\0b", 3)) == "its code has a NUL byte");
    CHECK_THROWS_WITH(readWith({"./{qr}"}), Catch::Contains("must not come from a sheet's code"));
}

TEST_CASE("an error of a program rejects its sheet with a reason") {
    const auto [script, expected] = GENERATE(table<std::string, std::string>({
        {"echo no template >&2; exit 3", "the program ended with status 3: no template"},
        {"kill -SEGV $$", "the program was killed by SIGSEGV"},
        {"echo hello", "the program's answer is not a JSON object"},
        {"echo '[1]'", "the program's answer is not a JSON object"},
        {"true", "the program's answer is not a JSON object"},
        {"echo '{\"q1\": \"A\"}'", "the program's answer has no 'q2'"},
        {"echo '{\"q1\": \"A\", \"q2\": {}}'",
         "'q2' in the program's answer is not a single value"},
        {"echo '{\"q1\": 1, \"q2\": 2, \"confidence\": 7}'",
         "confidence in the program's answer is not from 0 to 1"},
        {"echo '{\"q1\": 1, \"q2\": 2, \"confidence\": \"high\"}'",
         "the program's answer is not a JSON object"},
    }));
    CHECK_THAT(readWithShell(script).reason, Catch::StartsWith(expected));
}

TEST_CASE("a program that hangs or floods is killed with all that it started") {
    const TemporaryFolder folder;
    const std::string pid_file = (folder / "pid").string();
    const Reading hung = readWithShell("sleep 600 & echo $! > " + pid_file + "; wait",
                                       {{"timeout", {.text = "300ms"}}});
    CHECK(hung.reason == "the program took longer than 300 ms; make it faster or raise `timeout`");
    // Without the kill, it would run for ten minutes.
    const auto sleeper = ::syscall(SYS_pidfd_open, std::stoi(folder.read("pid")), 0);
    if (sleeper >= 0) {
        pollfd ended{static_cast<int>(sleeper), POLLIN, 0};
        CHECK(::poll(&ended, 1, 60'000) == 1);
        ::close(ended.fd);
    }
    CHECK(readWithShell("yes", {{"max_output", {.text = "4KiB"}}}).reason ==
          "the program wrote more than 4096 bytes; write less or raise `max_output`");
}

TEST_CASE("a child left behind does not hold the sheet up") {
    const Reading reading = readWithShell("sleep 600 & echo '{\"q1\": 1, \"q2\": 2}'");
    CHECK(reading == Reading{.values = {"1", "2"}});
}

TEST_CASE("no file and no process is left behind") {
    readWithShell("true");
    const std::size_t before = openFiles();
    const TemporaryFolder folder;
    folder.write("open", "");
    const int open = ::open((folder / "open").c_str(), O_RDONLY);  // deliberately inheritable
    const Reading reading = readWithShell(
        "printf '{\"q1\": %d, \"q2\": 0}' $(readlink /proc/$$/fd/* | grep -c sheafline-test)");
    ::close(open);
    readWithShell("yes", {{"max_output", {.text = "1KiB"}}});
    CHECK_THROWS(readWith({"/no/such/program"}));
    CHECK(reading.values == std::vector<std::string>{"0", "0"});
    CHECK(openFiles() == before);
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
}

TEST_CASE("the reason is the last line that the program wrote to standard error") {
    const std::string noise =
        "i=0; while [ $i -lt 300 ]; do echo noise line $i >&2; i=$((i+1)); done; ";
    CHECK(readWithShell(noise + "echo 'the real cause' >&2; echo >&2; exit 3").reason ==
          "the program ended with status 3: the real cause");
    CHECK(readWithShell(noise + "printf 'no newline' >&2; kill -SEGV $$").reason ==
          "the program was killed by SIGSEGV: no newline");
    CHECK(readWithShell("head -c 20000 /dev/zero | tr '\\0' x >&2; exit 1").reason ==
          "the program ended with status 1: " + std::string(200, 'x'));
}

TEST_CASE("a program starts in the folder of the pipeline file and is searched for from there") {
    const TemporaryFolder folder;
    folder.write("here.sh", R"sh(#!/bin/sh
printf '{"q1": "%s", "q2": 0}' "$(pwd)"
)sh");
    std::filesystem::permissions(folder / "here.sh", std::filesystem::perms::owner_all);
    const std::string expected = std::filesystem::canonical(folder / "");
    CHECK(readWith({"./here.sh"}, {}, folder.path()).values.at(0) == expected);
    CHECK(readWith({"sh", "here.sh"}, {}, folder.path()).values.at(0) == expected);
}

TEST_CASE("a program gets four variables and those that env names") {
    ::setenv("OWNER_SECRET", "s3cret", 1);
    ::setenv("READER_MODEL", "small", 1);
    const std::string script =
        R"(printf '{"q1": "%s", "q2": "%s"}' "${OWNER_SECRET-none}" "${READER_MODEL-none}")";
    CHECK(readWithShell(script).values == std::vector<std::string>{"none", "none"});
    CHECK(readWithShell(script, {{"env", {.list = {"READER_MODEL"}, .is_list = true}}}).values ==
          std::vector<std::string>{"none", "small"});
    CHECK(readWithShell(R"(printf '{"q1": "%s", "q2": 0}' "$HOME")").values.at(0) ==
          std::getenv("HOME"));
    ::unsetenv("OWNER_SECRET");
    ::unsetenv("READER_MODEL");
}

TEST_CASE("a missing program is an error before the first sheet") {
    const TemporaryFolder folder;
    folder.write("text", "not executable");
    const auto reason = [&](const std::string& program) {
        try {
            readWith({program}, {}, folder.path());
        } catch (const Error& error) {
            return error.code() + ": " + error.what();
        }
        return std::string();
    };
    CHECK(reason("no-such-program") ==
          "PROGRAM_MISSING: there is no program 'no-such-program' that may be executed, in PATH; "
          "install it or correct `command`");
    CHECK(reason("./text") ==
          "PROGRAM_MISSING: there is no program './text' that may be executed, "
          "from the folder " +
              folder.path().string() + "; put it there or correct `command`");
    CHECK_THAT(reason("/etc"), Catch::StartsWith("PROGRAM_MISSING"));
}

TEST_CASE("a program that changes its session dies with its sheet") {
    const TemporaryFolder folder;
    readWithShell("setsid sleep 600 & echo $! > " + (folder / "pid").string() + "; sleep 600",
                  {{"timeout", {.text = "1s"}}});
    const auto sleeper = ::syscall(SYS_pidfd_open, std::stoi(folder.read("pid")), 0);
    if (sleeper < 0) return;  // it no longer exists
    pollfd ended{static_cast<int>(sleeper), POLLIN, 0};
    CHECK(::poll(&ended, 1, 60'000) == 1);
    ::close(ended.fd);
}
