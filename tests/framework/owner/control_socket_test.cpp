#include "owner/control_socket.h"

#include <chrono>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>
#include <sheafline/file_descriptor.h>

#include "temporary_folder.h"

using namespace sheafline;
using namespace std::chrono_literals;

namespace {

FileDescriptor connectedTo(const std::filesystem::path& path) {
    FileDescriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.native().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    return client;
}

// Whether the owner ends the connection within `moment`.
bool isClosed(const FileDescriptor& client, std::chrono::milliseconds moment) {
    pollfd one{.fd = client.get(), .events = POLLIN, .revents = 0};
    return ::poll(&one, 1, static_cast<int>(moment.count())) > 0;
}

std::string asked(const std::filesystem::path& path, const std::string& request) {
    try {
        askOwner(path, request);
        return "ok";
    } catch (const Error& error) {
        return error.code() + " " + error.what();
    } catch (const ConfigError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("a client that sends its request byte by byte or not at all does not hold the owner") {
    const TemporaryFolder folder;
    const auto path = folder / "control";
    const ControlSocket socket(
        path, [](const std::string&) { return std::string(); }, 300ms);
    const FileDescriptor silent = connectedTo(path);
    const FileDescriptor dripping = connectedTo(path);
    CHECK(asked(path, "cancel a") == "ok");  // after both have lost their turn
    CHECK(isClosed(silent, 0ms));
    CHECK(isClosed(dripping, 0ms));

    // 4,096 bytes at this pace would take minutes.
    const FileDescriptor again = connectedTo(path);
    int sent = 0;
    while (!isClosed(again, 50ms) && ::send(again.get(), "x", 1, MSG_NOSIGNAL) == 1) ++sent;
    CHECK(sent < 1'000);
    CHECK(asked(path, "cancel a") == "ok");
}

TEST_CASE("an owner that cannot do a request says why") {
    const TemporaryFolder folder;
    const auto path = folder / "control";
    const ControlSocket socket(path, [](const std::string& request) -> std::string {
        if (request == "cancel a") return "there is no batch 'a'";
        throw Error(ErrorClass::permanent, "DISK_FULL", "the disk is full");
    });
    CHECK(asked(path, "cancel a") == "there is no batch 'a'");
    CHECK(asked(path, "retry a") == "DISK_FULL the disk is full");
}
