// `sheafline user`, called by a person or a script.
#include <array>
#include <cstdio>
#include <pty.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

#include "accounts/account_store.h"
#include "accounts/password_hasher.h"
#include "program.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

const std::string kProgram = SHEAFLINE_BINARY_DIR "/bin/sheafline";

struct UserCommandFixture {
    TemporaryFolder folder{};

    ProgramResult user(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "user");
        return runProgram(folder.path(), arguments);
    }
    int userWithInput(const std::string& input, const std::string& arguments) const {
        const std::string command = "cd '" + folder.path().string() + "' && '" + kProgram +
                                    "' user " + arguments + " 2>err";
        std::FILE* pipe = ::popen(command.c_str(), "w");
        REQUIRE(pipe != nullptr);
        std::fwrite(input.data(), 1, input.size(), pipe);
        return WEXITSTATUS(::pclose(pipe));
    }
    bool letsIn(const std::string& name, const std::string& password) const {
        AccountStore store(folder / "sheafline-data/accounts.db");
        return PasswordHasher().matches(store.credentials(name)->password_hash, password);
    }
};

// A person at a terminal, who types the next line after each prompt.
struct Terminal {
    std::string shown{};
    int status = -1;

    Terminal(const std::string& folder, std::vector<std::string> arguments,
             const std::vector<std::string>& lines) {
        arguments.insert(arguments.begin(), {kProgram, "user"});
        std::vector<char*> argv;
        argv.reserve(arguments.size() + 1);
        for (std::string& argument : arguments) argv.push_back(argument.data());
        argv.push_back(nullptr);
        int fd = -1;
        const int pid = ::forkpty(&fd, nullptr, nullptr, nullptr);
        REQUIRE(pid >= 0);
        if (pid == 0) {
            if (::chdir(folder.c_str()) != 0) ::_exit(127);
            ::execv(kProgram.c_str(), argv.data());
            ::_exit(127);
        }
        for (const std::string& line : lines) {
            readUntil(fd, ": ");
            REQUIRE(::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
        }
        readUntil(fd, "");
        int wait_status = 0;
        ::waitpid(pid, &wait_status, 0);
        status = WEXITSTATUS(wait_status);
        ::close(fd);
    }

 private:
    void readUntil(int fd, const std::string& end) {
        std::array<char, 256> block{};
        const std::size_t from = shown.size();
        while (end.empty() || shown.find(end, from) == std::string::npos) {
            const ssize_t count = ::read(fd, block.data(), block.size());
            if (count <= 0) return;
            shown.append(block.data(), static_cast<std::size_t>(count));
        }
    }
};

}  // namespace

TEST_CASE_METHOD(UserCommandFixture, "users are added, listed, changed and removed by command") {
    CHECK(userWithInput("ann has a password\n", "add ann --role viewer") == 0);
    CHECK(userWithInput("root has a password\n", "add root --role admin") == 0);
    CHECK(letsIn("ann", "ann has a password"));
    CHECK(user({"role", "ann", "--role", "operator"}).status == 0);
    CHECK(user({"disable", "ann"}).status == 0);
    const ProgramResult list = user({"list", "--json"});
    CHECK_THAT(list.out, Catch::Matchers::StartsWith(
                             R"({"user":"ann","role":"operator","disabled":true,"created_at":")"));
    CHECK_THAT(user({}).out, Catch::Matchers::Contains("root  admin     active"));
    CHECK(user({"enable", "ann"}).status == 0);
    CHECK(userWithInput("another password\n", "passwd ann") == 0);
    CHECK(letsIn("ann", "another password"));
    CHECK(user({"remove", "ann"}).status == 0);
    CHECK_THAT(user({"list"}).out, !Catch::Matchers::Contains("ann"));
}

TEST_CASE_METHOD(UserCommandFixture, "what is asked wrongly is bad usage, and says why") {
    REQUIRE(userWithInput("root has a password\n", "add root --role admin") == 0);
    struct Wrong {
        std::string input, arguments, says;
    };
    const std::vector<Wrong> cases{
        {"root has a password\n", "add root", "there is or was a user root"},
        {"short\n", "add ann", "a password has at least 10 characters"},
        {"", "add ann", "no password on standard input"},
        {"a good password\n", "add 'an n'", "a user's name has"},
        {"a good password\n", "add ann --role king", "king"},
        {"a good password\n", "passwd bob", "there is no user 'bob'"},
        {"", "remove root", "last admin"},
        {"", "disable bob", "there is no user bob"},
    };
    for (const auto& [input, arguments, says] : cases) {
        INFO(arguments);
        CHECK(userWithInput(input, arguments) == 2);
        CHECK_THAT(folder.read("err"), Catch::Matchers::Contains(says));
    }
}

TEST_CASE_METHOD(UserCommandFixture, "a terminal does not show a password") {
    const Terminal add(folder.path(), {"add", "ann"}, {"a good password\n", "a good password\n"});
    INFO(add.shown);
    CHECK(add.status == 0);
    CHECK(add.shown.find("good") == std::string::npos);
    CHECK(letsIn("ann", "a good password"));

    const Terminal differs(folder.path(), {"passwd", "ann"},
                           {"first password\n", "other password\n"});
    CHECK(differs.status == 2);
    CHECK_THAT(differs.shown, Catch::Matchers::Contains("the two passwords differ"));
    CHECK(Terminal(folder.path(), {"passwd", "ann"}, {"first\x03"}).status == 2);
    CHECK(letsIn("ann", "a good password"));
}
