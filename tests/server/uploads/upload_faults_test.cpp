// Faults of an upload over HTTP, at the real server.
#include <array>
#include <atomic>
#include <barrier>
#include <csignal>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tus_client.h"

using namespace sheafline;
using namespace sheafline::test;
using http::test::RawClient;

namespace {

std::string codeOf(const Reply& reply) { return value(reply.body, "code"); }

}  // namespace

TEST_CASE("an upload that is cut at every sixteenth continues at its true offset", "[F50]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    std::mt19937 random(Catch::rngSeed());
    const std::string bytes = randomBytes(std::size_t{1} << 20U, random);
    const auto kind = static_cast<Cut>(GENERATE(0, 1, 2));
    const std::string id = server.openUpload(bytes.size(), admin);
    std::vector<std::unique_ptr<RawClient>> silent;
    std::size_t offset = 0;
    std::size_t sent = 0;
    for (std::size_t part = 1; part <= 16; ++part) {
        const std::size_t until = std::max(offset, part * bytes.size() / 16 - 7);
        TusPatch patch(server, id, offset, bytes.size() - offset, admin);
        patch.send(std::string_view(bytes).substr(offset, until - offset));
        patch.cut(kind, silent);
        // They are answered at once, although the connections in `silent` stay open. If each waited
        // for its timeout, sixteen parts would take longer than ctest allows.
        const std::size_t now = server.offsetOf(id, admin);
        INFO("cut " << part << ": " << offset << " to " << until << ", at " << now);
        REQUIRE(now >= offset);
        REQUIRE(now <= std::max(until, sent));
        sent = std::max(until, sent);
        offset = now;
    }
    CHECK(sendRest(server, id, bytes, admin).status == 204);
    CHECK(archiveOf(site, id) == bytes);
}

TEST_CASE("an upload gets on by pieces that are smaller than what is read ahead", "[F49][F50]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    std::mt19937 random(Catch::rngSeed());
    const std::string bytes = randomBytes(5'000, random);
    const std::string id = server.openUpload(bytes.size(), admin);
    std::vector<std::unique_ptr<RawClient>> silent;
    for (std::size_t offset = 0; offset < 4'000; offset += 1'000) {
        TusPatch patch(server, id, offset, bytes.size() - offset, admin);
        patch.send(std::string_view(bytes).substr(offset, 1'000));
        patch.cut(Cut::finish, silent);
        REQUIRE(eventually([&] { return server.offsetOf(id, admin) == offset + 1'000; }));
    }
    CHECK(server.patch(id, 4'000, bytes.substr(4'000), admin).status == 204);
    CHECK(archiveOf(site, id) == bytes);
}

TEST_CASE("an upload cut at any point delivers the archive that was sent", "[F50]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    std::mt19937 random(Catch::rngSeed());
    const std::string bytes = randomBytes(8'000'003, random);
    const std::string id = uploadWithCuts(server, admin, bytes, 60, random);
    CHECK(archiveOf(site, id) == bytes);
}

TEST_CASE("bytes that do not fit into an upload are rejected and change nothing",
          "[F51][F52][F53][F54][F55][F56][F57][F59]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.openUpload(1000, admin);
    REQUIRE(server.patch(id, 0, std::string(500, 'a'), admin).status == 204);
    struct Case {
        const char* what;
        std::size_t offset;
        std::size_t bytes;
        Headers headers;
        int status;
        const char* code;
    };
    const auto cases = std::to_array<Case>({
        {"again", 0, 500, {}, 409, "OFFSET_MISMATCH"},
        {"beyond a gap", 600, 100, {}, 409, "OFFSET_MISMATCH"},
        {"overlapping", 400, 200, {}, 409, "OFFSET_MISMATCH"},
        {"one too many", 500, 501, {}, 413, "MORE_THAN_DECLARED"},
        {"another length", 500, 10, {{"Upload-Length", "999"}}, 400, "LENGTH_CHANGED"},
        {"wrong checksum",
         500,
         10,
         {{"Upload-Checksum", "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA="}},
         460,
         "CHECKSUM_MISMATCH"},
        {"unknown algorithm", 500, 10, {{"Upload-Checksum", "crc1 AAAA"}}, 400, "BAD_CHECKSUM"},
        {"no offset that is one", 500, 10, {{"Upload-Offset", "-1"}}, 400, "BAD_HEADER"},
        {"another type", 500, 10, {{"Content-Type", "text/plain"}}, 415, "WRONG_TYPE"},
        {"without tus", 500, 10, {{"Tus-Resumable", "0.2"}}, 412, "TUS_VERSION"},
    });
    for (const Case& one : cases) {
        const Reply reply =
            server.patch(id, one.offset, std::string(one.bytes, 'b'), admin, one.headers);
        INFO(one.what << ": " << reply.status << ' ' << reply.body);
        CHECK(reply.status == one.status);
        CHECK(codeOf(reply) == one.code);
        if (one.status == 409) CHECK(reply.headers.at("upload-offset") == "500");
        CHECK(server.offsetOf(id, admin) == 500);
    }
    RawClient chunks(static_cast<std::uint16_t>(server.portNumber()));
    chunks.send("PATCH /api/uploads/" + id +
                " HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 500\r\n"
                "Transfer-Encoding: chunked\r\nContent-Type: application/offset+octet-stream\r\n"
                "Authorization: " +
                admin.at("Authorization") + "\r\n\r\n1f5\r\n" + std::string(501, 'b') +
                "\r\n0\r\n\r\n");
    CHECK(http::test::statusOf(chunks.readReply()) == 413);
    CHECK(server.offsetOf(id, admin) == 500);
    const Reply joined = server.client().send(
        "POST", "/api/uploads", "",
        with(admin, {{"Tus-Resumable", "1.0.0"}, {"Upload-Concat", "final;/api/uploads/1"}}));
    CHECK(joined.status == 400);
    CHECK(codeOf(joined) == "CONCATENATION");
    // Fewer bytes: the upload stays open, and its batch waits.
    CHECK(server.patch(id, 500, std::string(499, 'a'), admin).status == 204);
    CHECK(value(server.client().get(at(id, ""), admin).body, "state") == "uploading");
    CHECK(site.folder.read(stored("uploads/" + id + "/part")) == std::string(999, 'a'));
}

TEST_CASE("an archive whose digest differs from the declared one fails its batch by name",
          "[F57]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Reply made = server.post(
        "/api/batches",
        R"({"pipeline":"keep","length":4,"sha256":")" + std::string(64, '0') + "\"}", admin);
    REQUIRE(made.status == 201);
    const std::string id = value(made.body, "batch_id");
    const Reply last = server.patch(id, 0, "1234", admin);
    CHECK(last.status == 422);
    CHECK(codeOf(last) == "CHECKSUM");
    const std::string status = server.client().get(at(id, "/status"), admin).body;
    CHECK(value(status, "state") == "failed");
    CHECK(status.find("\"code\":\"CHECKSUM\"") != std::string::npos);
    CHECK(server.headOf(id, admin).status >= 404);
}

TEST_CASE("a hundred racing PATCHes never mix their bytes", "[F58]") {
    constexpr std::size_t kRacers = 100;
    constexpr std::size_t kBytes = 300'000;
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    for (int round = 0; round < 8; ++round) {
        const std::string id = server.openUpload(kBytes, admin);
        std::barrier start(kRacers);
        std::atomic<int> completed = 0;
        std::atomic<int> half_taken = 0;  // with 204, which means that the body was accepted
        std::vector<std::jthread> racers;
        for (std::size_t racer = 0; racer < kRacers; ++racer) {
            racers.emplace_back([&, racer] {
                const std::string own(kBytes, static_cast<char>(racer + 1));
                start.arrive_and_wait();
                TusPatch patch(server, id, 0, kBytes, admin);
                patch.send(own);
                const std::string reply = patch.reply();
                const bool whole = reply.find("Upload-Offset: 300000\r\n") != std::string::npos;
                if (http::test::statusOf(reply) == 204) ++(whole ? completed : half_taken);
            });
        }
        racers.clear();
        CHECK(half_taken == 0);
        CHECK(completed <= 1);
        const std::string part = stored("uploads/" + id + "/part");
        const std::string bytes = completed == 1 ? archiveOf(site, id) : site.folder.read(part);
        INFO("round " << round << ": " << completed << " completed, " << bytes.size() << " bytes");
        CHECK(bytes.find_first_not_of(bytes.empty() ? '\0' : bytes[0]) == std::string::npos);
        if (completed == 1)
            CHECK(bytes.size() == kBytes);
        else
            CHECK(server.offsetOf(id, admin) == bytes.size());
    }
}

TEST_CASE("an upload whose request breaks off after its last byte still becomes a batch", "[F50]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.openUpload(4, admin);
    RawClient client(static_cast<std::uint16_t>(server.portNumber()));
    client.send("PATCH /api/uploads/" + id +
                " HTTP/1.1\r\nHost: localhost\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                "Transfer-Encoding: chunked\r\nContent-Type: application/offset+octet-stream\r\n"
                "Authorization: " +
                admin.at("Authorization") + "\r\n\r\n4\r\nbody\r\n");
    client.endSending();  // without the last chunk
    CHECK(client.closedByServer(60'000));
    CHECK(server.offsetOf(id, admin) == 4);
    CHECK(archiveOf(site, id) == "body");
}

TEST_CASE("quotas are checked before bytes are accepted", "[F62]") {
    const Site site;
    const RunningServer server(site, "0",
                               {{"SHEAFLINE_MAX_UPLOAD", "200KB"},
                                {"SHEAFLINE_USER_QUOTA", "250KB"},
                                {"SHEAFLINE_TOTAL_QUOTA", "500KB"},
                                {"SHEAFLINE_USER_UPLOADS", "2"}});
    const Headers admin = server.signInAdmin();
    const Headers alice = server.addUser("alice", admin);
    const Headers bob = server.addUser("bob", admin);
    const Headers carl = server.addUser("carl", admin);
    const auto order = [&](std::size_t length, const Headers& who) {
        const Reply reply = server.post(
            "/api/batches", R"({"pipeline":"keep","length":)" + std::to_string(length) + '}', who);
        if (reply.status == 429) CHECK(reply.headers.at("retry-after") == "60");
        return std::to_string(reply.status) + ' ' + codeOf(reply);
    };
    CHECK(order(200'001, alice) == "413 UPLOAD_TOO_LARGE");
    CHECK(order(200'000, alice) == "201 ");
    CHECK(order(50'001, alice) == "413 QUOTA");
    CHECK(order(50'000, alice) == "201 ");
    CHECK(order(1, alice) == "413 QUOTA");
    CHECK(order(100'000, bob) == "201 ");
    CHECK(order(10'000, bob) == "201 ");
    CHECK(order(10'000, bob) == "429 TOO_MANY_UPLOADS");
    CHECK(order(140'001, carl) == "413 QUOTA");  // of the whole server
    CHECK(order(140'000, carl) == "201 ");

    // The archive as a body: its head is rejected, and the server does not send 100-continue first.
    for (const auto& [length, who, code] :
         {std::tuple(200'001, carl, "BODY_TOO_LARGE"), std::tuple(90'000, alice, "QUOTA")}) {
        RawClient client(static_cast<std::uint16_t>(server.portNumber()));
        client.send(
            "POST /api/batches?pipeline=keep HTTP/1.1\r\nHost: localhost\r\nExpect: "
            "100-continue\r\n"
            "Authorization: " +
            who.at("Authorization") + "\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n");
        std::string reply = client.readReply();
        // nginx says it by itself, before it asks a server.
        if (server.shared() != nullptr && http::test::statusOf(reply) == 100)
            reply = client.readReply();
        INFO(reply);
        CHECK(http::test::statusOf(reply) == 413);
        CHECK(reply.find(code) != std::string::npos);
    }
}

TEST_CASE("what a batch makes of a PDF counts for the quota") {
    const Site site;
    const RunningServer server(site, "0", {{"SHEAFLINE_USER_QUOTA", "250KB"}});
    const Headers admin = server.signInAdmin();
    const auto order = [&] {
        return server.post("/api/batches", R"({"pipeline":"keep","length":1000})", admin);
    };
    const std::string id = value(order().body, "batch_id");
    std::filesystem::create_directories(site.folder / stored("batches/" + id));
    site.folder.write(stored("batches/" + id + "/sheets.zip"), std::string(247'500, 'x'));
    CHECK(order().status == 201);
    const Reply reply = order();
    CHECK(reply.status == 413);
    CHECK(codeOf(reply) == "QUOTA");
}

TEST_CASE("a server killed at any byte of an upload keeps what it acknowledged", "[F64]") {
    const Site site;
    std::mt19937 random(Catch::rngSeed());
    const std::string bytes = randomBytes(3'000'000, random);
    auto server = std::make_unique<RunningServer>(site);
    const Headers admin = server->signInAdmin();
    const std::string id = server->openUpload(bytes.size(), admin);
    std::size_t acknowledged = 0;
    for (int life = 0; life < 8; ++life) {
        // Some bytes in a request that is answered, then some in one that the kill interrupts.
        std::size_t size = random() % 200'000 + 1;
        Reply taken;
        // Another server may take the upload of a killed one after ten seconds.
        REQUIRE(eventually([&] {
            taken = server->patch(id, acknowledged, bytes.substr(acknowledged, size), admin);
            return taken.status != 423;
        }));
        REQUIRE(taken.status == 204);
        acknowledged += size;
        size = random() % 200'000;
        TusPatch patch(*server, id, acknowledged, bytes.size() - acknowledged, admin);
        patch.send(std::string_view(bytes).substr(acknowledged, size));
        server->program().signal(SIGKILL);
        server->program().wait();
        server.reset();
        server = std::make_unique<RunningServer>(site);
        const std::size_t offset = server->offsetOf(id, admin);
        INFO("life " << life << ": " << acknowledged << " + " << size << ", at " << offset);
        REQUIRE(offset >= acknowledged);
        REQUIRE(offset <= acknowledged + size);
        const std::string part = site.folder.read(stored("uploads/" + id + "/part"));
        CHECK(part.substr(0, offset) == bytes.substr(0, offset));
        acknowledged = offset;
    }
    CHECK(server->patch(id, acknowledged, bytes.substr(acknowledged), admin).status == 204);
    CHECK(archiveOf(site, id) == bytes);
    const auto events = server->stream(id, admin);
    INFO("status: " << server->client().get(at(id, "/status"), admin).body);
    REQUIRE_FALSE(events.empty());
    int chunks = 0;
    for (const StreamedEvent& event : events)
        chunks += value(event.data, "message").starts_with("Chunk 1/1 uploaded");
    CHECK(chunks == 1);
    CHECK(events.back().name == "complete");
}
