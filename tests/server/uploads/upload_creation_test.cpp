// tus creation-with-upload: the request that creates an upload also contains its first bytes.
#include <filesystem>
#include <string>

#include <Poco/Base64Encoder.h>
#include <catch2/catch.hpp>

#include "tus_client.h"

using namespace sheafline;
using namespace sheafline::test;
using http::test::RawClient;

namespace {

std::string base64(const std::string& text) {
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder << text;
    encoder.close();
    return out.str();
}

Headers creation(const Headers& who, std::size_t length, const std::string& pipeline = "keep") {
    return with(who, {{"Tus-Resumable", "1.0.0"},
                      {"Upload-Length", std::to_string(length)},
                      {"Upload-Metadata", "pipeline " + base64(pipeline)},
                      {"Content-Type", "application/offset+octet-stream"}});
}

std::string idOf(const Reply& reply) {
    const std::string& location = reply.headers.at("location");
    return location.substr(location.rfind('/') + 1);
}

std::size_t batches(const RunningServer& server, const Headers& who) {
    const std::string list = server.client().get("/api/batches", who).body;
    std::size_t count = 0;
    // The progress of a batch repeats its id, but not this.
    for (std::size_t at = 0; (at = list.find("\"created_at\"", at)) != std::string::npos; ++at)
        ++count;
    return count;
}

}  // namespace

TEST_CASE("an upload is created with all of its bytes in one request") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Reply made =
        server.client().send("POST", "/api/uploads", "0123456789", creation(admin, 10));
    INFO(made.body);
    REQUIRE(made.status == 201);
    CHECK(made.headers.at("upload-offset") == "10");
    CHECK(server.stream(idOf(made), admin).back().name == "complete");
    CHECK(archiveOf(site, idOf(made)) == "0123456789");
}

TEST_CASE("an upload that is created with its first bytes continues after them") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Reply made = server.client().send("POST", "/api/uploads", "01234", creation(admin, 10));
    REQUIRE(made.status == 201);
    CHECK(made.headers.at("upload-offset") == "5");
    CHECK(made.headers.contains("upload-expires"));
    CHECK(server.offsetOf(idOf(made), admin) == 5);
    CHECK(server.patch(idOf(made), 5, "56789", admin).status == 204);
    CHECK(archiveOf(site, idOf(made)) == "0123456789");
}

TEST_CASE("a creation that is cut keeps its bytes, and the same request again finds them") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    std::string head = "POST /api/uploads HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: one\r\n";
    for (const auto& [name, field] : creation(admin, 300'000))
        head.append(name).append(": ").append(field).append("\r\n");
    const std::string bytes(300'000, 'a');
    {
        RawClient client(static_cast<std::uint16_t>(server.portNumber()));
        client.send(head + "Content-Length: 300000\r\n\r\n" + bytes.substr(0, 150'000));
        client.endSending();
        CHECK(client.closedByServer(60'000));
    }
    const Reply again =
        server.client().send("POST", "/api/uploads", bytes,
                             with(creation(admin, 300'000), {{"Idempotency-Key", "one"}}));
    INFO(again.body);
    REQUIRE(again.status == 201);
    CHECK(again.headers.at("upload-offset") == "150000");
    CHECK(batches(server, admin) == 1);
    CHECK(server.patch(idOf(again), 150'000, bytes.substr(150'000), admin).status == 204);
    CHECK(archiveOf(site, idOf(again)) == bytes);
}

TEST_CASE("a creation whose bytes cannot be taken creates no upload that waits") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    struct Case {
        const char* what;
        std::string bytes;
        Headers headers;
        int status;
        const char* code;
    };
    const Headers wrong_sum{{"Upload-Checksum", "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA="}};
    const std::vector<Case> cases{
        {"one too many", "01234567890", creation(admin, 10), 413, "MORE_THAN_DECLARED"},
        {"another type", "0123456789",
         with(creation(admin, 10), {{"Content-Type", "application/zip"}}), 415, "WRONG_TYPE"},
        {"no file wanted", "0123456789", creation(admin, 10, "fails"), 422, "NO_UPLOAD"},
        {"wrong checksum", "0123456789", with(creation(admin, 10), wrong_sum), 460,
         "CHECKSUM_MISMATCH"},
    };
    for (const Case& one : cases) {
        const Reply reply = server.client().send("POST", "/api/uploads", one.bytes, one.headers);
        INFO(one.what << ": " << reply.body);
        CHECK(reply.status == one.status);
        CHECK(value(reply.body, "code") == one.code);
    }
    // The last request created an upload, which is terminated.
    CHECK(batches(server, admin) == 1);
    CHECK(server.client().get("/api/batches?state=uploading", admin).body ==
          R"({"items":[],"next":null})");
    CHECK(std::filesystem::is_empty(site.folder / stored("uploads")));
    const Reply archive = server.client().send("POST", "/api/batches?pipeline=fails", "0123",
                                               with(admin, {{"Content-Type", "application/zip"}}));
    CHECK(archive.status == 422);
    CHECK(batches(server, admin) == 1);
}

TEST_CASE("the options of uploads name the tus extensions of the server") {
    const Site site;
    const RunningServer server(site);
    CHECK(server.client().send("OPTIONS", "/api/uploads").headers.at("tus-extension") ==
          "creation,creation-with-upload,checksum,expiration,termination");
}
