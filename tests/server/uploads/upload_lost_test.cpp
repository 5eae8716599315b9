// Uploads that cannot be finished: each ends its batch with the reason.
#include <csignal>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline::test;
namespace fs = std::filesystem;

namespace {

std::string endOf(const RunningServer& server, const std::string& batch, const Headers& who) {
    const Reply reply = server.client().get(at(batch, "/status"), who);
    return value(reply.body, "state") + ' ' + value(reply.body, "code");
}

}  // namespace

TEST_CASE("an upload whose bytes are gone ends its batch at the next request") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.openUpload(1'000, admin);
    REQUIRE(server.patch(id, 0, std::string(500, 'x'), admin).status == 204);
    const fs::path folder = site.folder / stored("uploads/" + id);
    const std::string loss = GENERATE(as<std::string>(), "removed", "shortened", "mark");
    INFO(loss);
    if (loss == "mark" && server.shared() != nullptr) return;  // it is in the database
    if (loss == "removed") fs::remove(folder / "part");
    if (loss == "shortened") fs::resize_file(folder / "part", 100);
    if (loss == "mark") fs::resize_file(folder / "offset", 3);
    const Reply reply = server.patch(id, 500, std::string(500, 'y'), admin);
    CHECK(reply.status == 410);
    CHECK(reply.body.find("send the file again") != std::string::npos);
    CHECK(endOf(server, id, admin) == "failed UPLOAD_GONE");
}

TEST_CASE("an upload whose bytes are gone at a start ends its batch then") {
    const Site site;
    std::string id;
    std::string password;
    fs::path folder;
    {
        RunningServer server(site);
        password = server.firstPassword();
        const Headers admin = server.signIn("admin", password);
        id = server.openUpload(1'000, admin);
        REQUIRE(server.patch(id, 0, std::string(500, 'x'), admin).status == 204);
        folder = site.folder / stored("uploads/" + id);
        server.program().signal(SIGTERM);
        server.program().wait();
    }
    const std::string loss = GENERATE(as<std::string>(), "part", "offset", "info.json", "all");
    INFO(loss);
    loss == "all" ? fs::remove_all(folder) : fs::remove_all(folder / loss);
    const RunningServer server(site);
    const Headers admin = server.signIn("admin", password);
    CHECK(endOf(server, id, admin) == "failed UPLOAD_GONE");
}

TEST_CASE("an archive of 0 bytes is rejected with the reason, however it is sent") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers tus = with(admin, {{"Tus-Resumable", "1.0.0"}});
    const Headers json = with(admin, {{"Content-Type", "application/json"}});
    const HttpClient& client = server.client();
    const Reply replies[] = {
        client.send("POST", "/api/batches?pipeline=unpack", "",
                    with(admin, {{"Content-Type", "application/zip"}})),
        client.send("POST", "/api/batches", R"({"pipeline":"unpack","length":0})", json),
        client.send("POST", "/api/uploads", "",
                    with(tus, {{"Upload-Length", "0"}, {"Upload-Metadata", "pipeline dW5wYWNr"}}))};
    for (const Reply& reply : replies) {
        INFO(reply.body);
        CHECK(reply.status == 400);
        CHECK(value(reply.body, "code") == "EMPTY_UPLOAD");
        CHECK(value(reply.body, "detail").find("0 bytes") != std::string::npos);
    }
}
