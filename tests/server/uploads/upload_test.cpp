// Archives sent to a server: as one body, by tus with cuts, and by the command lines of the docs.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "running_server.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::string order(std::size_t length) {
    return R"({"pipeline":"unpack","length":)" + std::to_string(length) + '}';
}

}  // namespace

TEST_CASE("an archive as the body of one request becomes a batch that runs") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string archive = site.archive(12);
    const Headers zip = with(admin, {{"Content-Type", "application/zip"}});
    const Reply made =
        server.client().send("POST", "/api/batches?pipeline=unpack&set.note=hi", archive, zip);
    INFO(made.body);
    REQUIRE(made.status == 201);
    CHECK(value(made.body, "state") != "uploading");
    const auto events = server.stream(value(made.body, "batch_id"), admin);
    REQUIRE(events.size() >= 4);
    CHECK(value(events[0].data, "message") == "Batch created");
    CHECK(value(events[1].data, "message").starts_with("Chunk 1/1 uploaded ("));
    CHECK(events.back().name == "complete");
    CHECK(value(events.back().data, "sheets_total") == "12");
    const Reply image = server.client().get(
        "/api/batches/" + value(made.body, "batch_id") + "/sheets/1/image", admin);
    CHECK(image.status == 200);
    CHECK(image.headers.at("content-type").starts_with("image/"));

    CHECK(server.client().send("POST", "/api/batches?pipeline=none", archive, zip).status == 422);
    CHECK(server.client()
              .send("POST", "/api/batches?pipeline=unpack&set.input=/etc/passwd", archive, zip)
              .status == 422);
}

TEST_CASE("a tus upload continues where it was cut and rejects what does not fit") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string archive = site.archive(12);
    const Headers tus = with(admin, {{"Tus-Resumable", "1.0.0"}});
    const HttpClient& client = server.client();
    const std::size_t length = archive.size();
    Headers json = with(admin, {{"Content-Type", "application/json"}, {"Idempotency-Key", "k1"}});
    const Reply made = client.send("POST", "/api/batches", order(length), json);
    INFO(made.body);
    REQUIRE(made.status == 201);
    CHECK(value(made.body, "state") == "uploading");
    const std::string id = value(made.body, "batch_id");
    const std::string url = value(made.body, "upload_url");
    CHECK(url == "/api/uploads/" + id);
    CHECK(value(client.send("POST", "/api/batches", order(length), json).body, "batch_id") == id);
    CHECK(client.send("POST", "/api/batches", order(length + 1), json).status == 422);

    const std::size_t half = length / 2;
    CHECK(server.patch(id, 0, archive.substr(0, half), admin).headers.at("upload-offset") ==
          std::to_string(half));
    CHECK(server.patch(id, 0, "again", admin).status == 409);
    CHECK(server.patch(id, half + 1, "gap", admin).status == 409);
    CHECK(server.patch(id, half, "wrong", admin, {{"Upload-Checksum", "sha1 AAAA"}}).status >= 400);
    CHECK(client.send("HEAD", url, "", admin).status == 412);
    const Reply head = client.send("HEAD", url, "", tus);
    CHECK(head.status == 200);
    CHECK(head.headers.at("upload-offset") == std::to_string(half));
    CHECK(head.headers.at("upload-length") == std::to_string(length));
    CHECK(server.patch(id, half, archive.substr(half), admin).status == 204);
    const auto events = server.stream(id, admin);
    REQUIRE_FALSE(events.empty());
    CHECK(events.back().name == "complete");
    CHECK(site.folder.read(stored("batches/" + id + "/archive.zip")) == archive);
}

TEST_CASE("a plain tus client creates a batch, and terminating the upload cancels it") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers tus = with(admin, {{"Tus-Resumable", "1.0.0"}});
    const HttpClient& client = server.client();
    const Reply asked = client.send("OPTIONS", "/api/uploads");
    CHECK(asked.status == 204);
    CHECK(asked.headers.at("tus-extension") ==
          "creation,creation-with-upload,checksum,expiration,termination");
    // filename s.zip, pipeline unpack, params {"note":"hi"}
    const Reply made = client.send(
        "POST", "/api/uploads", "",
        with(tus, {{"Upload-Length", "1000"},
                   {"Upload-Metadata",
                    "filename cy56aXA=,pipeline dW5wYWNr,params eyJub3RlIjoiaGkifQ=="}}));
    INFO(made.body);
    REQUIRE(made.status == 201);
    const std::string url = made.headers.at("location");
    CHECK(client.send("DELETE", url, "", tus).status == 204);
    CHECK(client.send("HEAD", url, "", tus).status >= 404);
    const std::string id = url.substr(url.rfind('/') + 1);
    CHECK(value(client.get("/api/batches/" + id, admin).body, "state") == "cancelled");
}
