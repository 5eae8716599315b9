// What a package installs besides the program: manual pages, completions, and the messages of a
// service to systemd.
#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "program.h"
#include "temporary_folder.h"

namespace fs = std::filesystem;
using namespace sheafline;

namespace {

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// The output of a shell command, both streams.
std::string outputOf(const std::string& command) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(
        ::popen(("{ " + command + "; } 2>&1").c_str(), "r"), ::pclose);
    std::string text;
    std::array<char, 4096> part{};
    while (std::fgets(part.data(), part.size(), pipe.get()) != nullptr) text += part.data();
    return text;
}

bool hasProgram(const std::string& name) { return !outputOf("command -v " + name).empty(); }

// The names of the commands in `sheafline --help`.
std::set<std::string> commandsInHelp(const TemporaryFolder& folder) {
    std::istringstream help(runProgram(folder.path(), {"--help"}).out);
    std::set<std::string> names;
    bool listed = false;
    for (std::string line; std::getline(help, line);) {
        if (line.starts_with("Subcommands:")) listed = true;
        if (!listed || !line.starts_with("  ") || line[2] == ' ') continue;
        names.insert(line.substr(2, line.find(' ', 2) - 2));
    }
    return names;
}

// A socket like the one that systemd makes for a service.
class NotifySocket {
 public:
    explicit NotifySocket(const std::string& name) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        if (name.front() == '@') address.sun_path[0] = '\0';
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        const timeval patience{.tv_sec = 120, .tv_usec = 0};
        REQUIRE(::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    }
    ~NotifySocket() { ::close(fd_); }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    std::string next() const {
        std::array<char, 4096> bytes{};
        const auto size = ::recv(fd_, bytes.data(), bytes.size(), 0);
        REQUIRE(size > 0);
        return {bytes.data(), static_cast<std::size_t>(size)};
    }

 private:
    int fd_;
};

}  // namespace

TEST_CASE("every command has a manual page with its options") {
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"manual", "--out", "pages"}).status == 0);
    const std::set<std::string> commands = commandsInHelp(folder);
    REQUIRE(commands.contains("run"));
    REQUIRE(commands.contains("user"));
    const std::string main = folder.read("pages/sheafline.1");
    for (const std::string& command : commands) {
        CAPTURE(command);
        CHECK(fs::exists(folder / ("pages/sheafline-" + command + ".1")));
        std::string escaped = command;
        if (const auto dash = escaped.find('-'); dash != std::string::npos)
            escaped.insert(dash, "\\");
        CHECK(holds(main, "sheafline\\-" + escaped + "\\fR(1)"));
    }
    const std::string run = folder.read("pages/sheafline-run.1");
    for (const char* text :
         {"\\fBPIPELINE\\fR", "\\-\\-input", "\\-\\-batch\\-id", "a ZIP of scanned sheets"}) {
        CAPTURE(text);
        CHECK(holds(run, text));
    }
    CHECK(holds(folder.read("pages/sheafline-user.1"), "One of: \\fBviewer\\fR"));
    CHECK(holds(main, "\\-\\-data\\-dir"));
}

TEST_CASE("the manual pages have no errors of man") {
    if (!hasProgram("man")) {
        WARN("skipped: man is not installed");
        return;
    }
    const TemporaryFolder folder;
    REQUIRE(runProgram(folder.path(), {"manual", "--out", "pages"}).status == 0);
    for (const auto& page : fs::directory_iterator(folder / "pages")) {
        CAPTURE(page.path());
        CHECK(
            outputOf("LC_ALL=C.UTF-8 man --warnings -l '" + page.path().string() + "' > /dev/null")
                .empty());
    }
}

TEST_CASE("bash completes commands, options and values") {
    const TemporaryFolder folder;
    folder.write("sheafline.bash", runProgram(folder.path(), {"completion", "bash"}).out);
    const auto completed = [&](const std::string& words, int at) {
        return outputOf("bash -c 'source " + (folder / "sheafline.bash").string() +
                        "; COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(at) +
                        "; _sheafline; echo \"${COMPREPLY[*]}\"'");
    };
    CHECK(completed("sheafline use", 1) == "user\n");
    CHECK(completed("sheafline user rem", 2) == "remove\n");
    CHECK(completed("sheafline sample --profile \"\"", 3) == "clean typical hard\n");
    CHECK(completed("sheafline run --bat", 2) == "--batch-id\n");
    CHECK(completed("sheafline run --data", 2) == "--data-dir\n");
    CHECK(completed("sheafline schema ev", 2) == "event\n");
    // A file name: the shell completes it.
    CHECK(completed("sheafline run --input s", 3) == "\n");
}

TEST_CASE("zsh completes commands, options and values") {
    if (!hasProgram("zsh")) {
        WARN("skipped: zsh is not installed");
        return;
    }
    const TemporaryFolder folder;
    folder.write("_sheafline", runProgram(folder.path(), {"completion", "zsh"}).out);
    const auto completed = [&](const std::string& words, int at) {
        return outputOf(
            "zsh -f -c 'compdef() { : }; _files() { print files }; compadd() { print "
            "-l -- $@[2,-1] }; _describe() { print -l -- ${found} }; source " +
            (folder / "_sheafline").string() + "; words=(" + words +
            "); CURRENT=" + std::to_string(at) + "; _sheafline'");
    };
    CHECK(holds(completed("sheafline u", 2), "user:List the users; add, change or remove one\n"));
    CHECK(completed("sheafline sample --profile \"\"", 4) == "clean\ntypical\nhard\n");
    CHECK(holds(completed("sheafline run --b", 3), "--batch-id:id of the batch"));
    CHECK(completed("sheafline run --input s", 4) == "files\n");
}

TEST_CASE("fish completes commands, options and values") {
    if (!hasProgram("fish")) {
        WARN("skipped: fish is not installed");
        return;
    }
    const TemporaryFolder folder;
    folder.write("sheafline.fish", runProgram(folder.path(), {"completion", "fish"}).out);
    const auto completed = [&](const std::string& line) {
        return outputOf("HOME=" + folder.path().string() + " fish --no-config -c 'source " +
                        (folder / "sheafline.fish").string() + "; complete -C \"" + line + "\"'");
    };
    CHECK(holds(completed("sheafline use"), "user\tList the users"));
    CHECK(holds(completed("sheafline user add --role "), "operator\t"));
    CHECK(holds(completed("sheafline run --bat"), "--batch-id\tid of the batch"));
    CHECK_FALSE(holds(completed("sheafline run --ro"), "--role"));
}

TEST_CASE("a server tells systemd that it is ready, reloads and stops") {
    const TemporaryFolder folder;
    const std::string name = GENERATE(std::string("file"), std::string("abstract")) == "file"
                                 ? (folder / "notify").string()
                                 : "@sheafline-test-" + folder.path().filename().string();
    CAPTURE(name);
    const NotifySocket socket(name);
    Program server(folder.path(), {"serve", "--listen", "127.0.0.1:0"}, {{"NOTIFY_SOCKET", name}});
    const std::string ready = socket.next();
    CHECK(ready.starts_with("READY=1\nSTATUS=listening on http://127.0.0.1:"));
    server.signal(SIGHUP);
    const std::string reloading = socket.next();
    CHECK(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(socket.next() == "READY=1");
    server.signal(SIGTERM);
    CHECK(socket.next().starts_with("STOPPING=1"));
    CHECK(server.wait().status == 0);
}

TEST_CASE("a server works without a supervisor, and when its supervisor reads nothing") {
    const TemporaryFolder folder;
    const NotifySocket full((folder / "full").string());  // its queue holds few messages
    const std::string name = GENERATE(std::string(""), std::string("full"), std::string("missing"));
    CAPTURE(name);
    Program server(folder.path(), {"serve", "--listen", "127.0.0.1:0"},
                   {{"NOTIFY_SOCKET", name.empty() ? name : (folder / name).string()}});
    REQUIRE(server.waitForOutput("listening on"));
    for (int i = 0; i < 20; ++i) server.signal(SIGHUP);
    server.signal(SIGTERM);
    CHECK(server.wait().status == 0);
}
