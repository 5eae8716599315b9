#include "uploads/upload_store.h"

#include <filesystem>
#include <random>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "uploads_fixture.h"

using namespace sheafline;

namespace {

Checksum checksumOf(const std::string& bytes,
                    ChecksumAlgorithm algorithm = ChecksumAlgorithm::sha256) {
    Digest digest(algorithm);
    digest.add(bytes);
    return {.algorithm = algorithm, .digest = digest.take()};
}

// Of uploadBytes(1, 0, 1000).
std::string hexOf(const std::string& bytes) {
    std::string text;
    for (const char c : checksumOf(bytes).digest) {
        constexpr std::string_view kDigits = "0123456789abcdef";
        text += kDigits[static_cast<unsigned char>(c) >> 4];
        text += kDigits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

}  // namespace

TEST_CASE_METHOD(UploadsFixture,
                 "an upload grows by its PATCHes, tells its chunks, and is handed over once") {
    const std::string bytes = uploadBytes(1, 0, 2500);
    REQUIRE(create("b1", 2500) == UploadOutcome::ok);
    CHECK(head("b1").offset == 0);
    CHECK(append("b1", 0, bytes.substr(0, 700)).offset == 700);
    CHECK_FALSE(append("b1", 700, bytes.substr(700, 700)).complete);
    const UploadResult last = append("b1", 1400, bytes.substr(1400));
    CHECK(last.complete);
    CHECK(last.offset == 2500);
    CHECK(chunks == std::vector<std::string>{"b1: Chunk 1/3 uploaded (0.00MB)",
                                             "b1: Chunk 2/3 uploaded (0.00MB)",
                                             "b1: Chunk 3/3 uploaded (0.00MB)"});
    CHECK(store->completed().size() == 1);
    for (int i = 0; i < 2; ++i)
        CHECK(store->handOver("b1", folder / "archive.zip").outcome == UploadOutcome::ok);
    CHECK(folder.read("archive.zip") == bytes);
    CHECK(store->completed().empty());
    // A client that missed the last reply asks, and learns that the upload is complete.
    CHECK(head("b1").offset == 2500);
    restart();
    CHECK(head("b1").complete);
    CHECK(append("b1", 2500, "").outcome == UploadOutcome::ok);
    CHECK(append("b1", 0, bytes).outcome == UploadOutcome::offset_mismatch);
    CHECK(store->completed().empty());
}

TEST_CASE_METHOD(UploadsFixture, "an upload that is none is rejected before anything is made") {
    limits.upload_bytes = 5000;
    restart();
    CHECK(create("b1", 0) == UploadOutcome::empty);
    CHECK(create("b1", 5001) == UploadOutcome::too_large);
    CHECK(store->create({.id = "b1", .owner = "ann"}, {}).outcome ==
          UploadOutcome::length_required);
    CHECK(std::filesystem::is_empty(folder / "uploads"));
    REQUIRE(create("b1", 5000) == UploadOutcome::ok);
    CHECK(create("b1", 5000) == UploadOutcome::exists);
    CHECK(store->create({.id = "b1", .owner = "bob", .length = 5000}, {}).outcome ==
          UploadOutcome::exists);
    for (const std::string id : {"", "../b", "a/b", ".b", "-b", "b\n"})
        CHECK_THROWS_AS(create(id, 5), Error);
}

TEST_CASE_METHOD(UploadsFixture, "somebody else's upload is not there") {
    REQUIRE(create("b1", 1000) == UploadOutcome::ok);
    CHECK(store->head("b1", "bob").outcome == UploadOutcome::not_found);
    CHECK(store->append("b1", "bob", {}).result.outcome == UploadOutcome::not_found);
    CHECK(store->remove("b1", "bob").outcome == UploadOutcome::not_found);
    CHECK(store->head("b2", "bob").outcome == UploadOutcome::not_found);
    CHECK(store->head("b1", "bob").info.owner.empty());
}

TEST_CASE_METHOD(UploadsFixture, "an offset that is not the next byte changes nothing") {
    const std::string bytes = uploadBytes(1, 0, 1000);
    REQUIRE(create("b1", 1000) == UploadOutcome::ok);
    REQUIRE(append("b1", 0, bytes.substr(0, 600)).offset == 600);
    for (const std::uint64_t offset : std::vector<std::uint64_t>{0, 599, 601, 1000, 100'000}) {
        const UploadResult result = append("b1", offset, bytes.substr(0, 100));
        CHECK(result.outcome == UploadOutcome::offset_mismatch);
        CHECK(result.offset == 600);
    }
    CHECK(stored("b1") == bytes.substr(0, 600));
}

TEST_CASE_METHOD(
    UploadsFixture,
    "the first byte beyond the declared length is rejected, and the upload is not complete",
    "[sqlite]") {
    const std::string bytes = uploadBytes(1, 0, 1100);
    REQUIRE(create("b1", 1000) == UploadOutcome::ok);
    // Announced by Content-Length: rejected before a byte is stored.
    CHECK(store->append("b1", "ann", {.offset = 0, .body_bytes = 1001}).result.outcome ==
          UploadOutcome::excess);
    CHECK(store->append("b1", "ann", {.offset = 0, .body_bytes = UINT64_MAX}).result.outcome ==
          UploadOutcome::excess);
    CHECK(head("b1").offset == 0);
    // Not announced: noticed when it arrives.
    const UploadResult result = append("b1", 0, bytes);
    CHECK(result.outcome == UploadOutcome::excess);
    CHECK_FALSE(result.complete);
    CHECK(result.offset < 1000);
    CHECK(stored("b1") == bytes.substr(0, result.offset));
    CHECK(append("b1", result.offset, bytes.substr(result.offset, 1000 - result.offset)).complete);
}

TEST_CASE_METHOD(UploadsFixture,
                 "bytes with a wrong checksum are thrown away, those with the right one stay",
                 "[sqlite]") {
    const std::string bytes = uploadBytes(1, 0, 2000);
    REQUIRE(create("b1", 2000) == UploadOutcome::ok);
    REQUIRE(append("b1", 0, bytes.substr(0, 500)).offset == 500);
    for (const ChecksumAlgorithm algorithm : {ChecksumAlgorithm::sha1, ChecksumAlgorithm::sha256}) {
        const UploadResult wrong =
            append("b1", 500, bytes.substr(500, 1500), checksumOf("something else", algorithm));
        CHECK(wrong.outcome == UploadOutcome::checksum_mismatch);
        CHECK(wrong.offset == 500);
        CHECK(head("b1").offset == 500);
        CHECK(stored("b1") == bytes.substr(0, 500));
    }
    CHECK(chunks.empty());
    {  // cut in the middle: none of it can be checked
        AppendStart start =
            store->append("b1", "ann", {.offset = 500, .checksum = checksumOf(bytes.substr(500))});
        start.session->write(std::span(bytes).subspan(500, 1000));
    }
    CHECK(head("b1").offset == 500);
    CHECK(append("b1", 500, bytes.substr(500, 600), checksumOf(bytes.substr(500, 600))).offset ==
          1100);
    CHECK(append("b1", 1100, bytes.substr(1100),
                 checksumOf(bytes.substr(1100), ChecksumAlgorithm::sha1))
              .complete);
}

TEST_CASE_METHOD(UploadsFixture,
                 "a file whose digest is not the declared one is never handed over") {
    const std::string bytes = uploadBytes(1, 0, 1000);
    REQUIRE(create("good", 1000, hexOf(bytes)) == UploadOutcome::ok);
    REQUIRE(create("bad", 1000, hexOf(bytes)) == UploadOutcome::ok);
    REQUIRE(append("good", 0, bytes).complete);
    REQUIRE(append("bad", 0, uploadBytes(2, 0, 1000)).complete);
    CHECK(store->handOver("good", folder / "good.zip").outcome == UploadOutcome::ok);
    CHECK(store->handOver("bad", folder / "bad.zip").outcome == UploadOutcome::digest_mismatch);
    CHECK_FALSE(std::filesystem::exists(folder / "bad.zip"));
    CHECK(head("bad").outcome == UploadOutcome::gone);
    restart();
    CHECK(head("bad").outcome == UploadOutcome::gone);
    CHECK(store->handOver("bad", folder / "bad.zip").outcome == UploadOutcome::gone);
}

TEST_CASE_METHOD(UploadsFixture,
                 "an upload without a length is as long as its one body, which a digest holds to",
                 "[sqlite]") {
    const std::string bytes = uploadBytes(1, 0, 2500);
    REQUIRE(store->create({.id = "b1", .owner = "ann", .sha256 = hexOf(bytes)}, {}).outcome ==
            UploadOutcome::ok);
    AppendStart start = store->append("b1", "ann", {});
    REQUIRE(start.session);
    REQUIRE(start.session->write(bytes) == UploadOutcome::ok);
    CHECK(start.session->finishWhole().complete);
    CHECK(chunks.back() == "b1: Chunk 3/3 uploaded (0.00MB)");
    restart();
    CHECK(store->handOver("b1", folder / "archive.zip").outcome == UploadOutcome::ok);
    CHECK(folder.read("archive.zip") == bytes);

    REQUIRE(store->create({.id = "cut", .owner = "ann", .sha256 = hexOf(bytes)}, {}).outcome ==
            UploadOutcome::ok);
    store->append("cut", "ann", {}).session->write(bytes);
    CHECK_FALSE(head("cut").complete);
    restart();  // it cannot be resumed, because its end is unknown
    CHECK(head("cut").outcome == UploadOutcome::not_found);
    CHECK_FALSE(std::filesystem::exists(folder / "uploads/cut"));
}

TEST_CASE_METHOD(UploadsFixture, "an upload expires when it was said to, also over a restart",
                 "[F60]") {
    const std::string bytes = uploadBytes(1, 0, 1000);
    REQUIRE(create("b1", 1000) == UploadOutcome::ok);
    REQUIRE(create("done", 10) == UploadOutcome::ok);
    REQUIRE(append("done", 0, uploadBytes(1, 0, 10)).complete);
    const std::int64_t expires_at = head("b1").info.expires_at;
    CHECK(expires_at == now + limits.lifetime_seconds);
    now += 3600;
    restart();
    CHECK(head("b1").info.expires_at == expires_at);
    now = expires_at - 1;
    store->sweep();
    CHECK(append("b1", 0, bytes.substr(0, 500)).offset == 500);
    now = expires_at;
    CHECK(head("b1").outcome == UploadOutcome::gone);
    CHECK(append("b1", 500, bytes.substr(500)).outcome == UploadOutcome::gone);
    store->sweep();
    CHECK_FALSE(std::filesystem::exists(folder / "uploads/b1/part"));
    CHECK(head("done").complete);  // its batch has not taken it yet
    restart();
    CHECK(head("b1").outcome == UploadOutcome::gone);
    now += limits.gone_seconds;
    store->sweep();
    CHECK(head("b1").outcome == UploadOutcome::not_found);
    CHECK_FALSE(std::filesystem::exists(folder / "uploads/b1"));
}

TEST_CASE_METHOD(UploadsFixture, "a PATCH at work is not cut by the expiry of its upload",
                 "[F60]") {
    const std::string bytes = uploadBytes(1, 0, 1000);
    REQUIRE(create("b1", 1000) == UploadOutcome::ok);
    AppendStart start = store->append("b1", "ann", {});
    REQUIRE(start.session->write(std::span(bytes).first(500)) == UploadOutcome::ok);
    now = store->info("b1")->expires_at + 3600;
    store->sweep();
    CHECK(head("b1").outcome ==
          UploadOutcome::gone);  // reports it, and asks no other request to stop
    REQUIRE(start.session->write(std::span(bytes).subspan(500)) == UploadOutcome::ok);
    CHECK(start.session->finish().complete);
    store->sweep();
    CHECK(store->handOver("b1", folder / "archive.zip").outcome == UploadOutcome::ok);
    CHECK(folder.read("archive.zip") == bytes);
}

TEST_CASE_METHOD(UploadsFixture,
                 "a crash leaves nothing but whole uploads, whatever lies in the folder",
                 "[sqlite]") {
    const std::string bytes = uploadBytes(1, 0, 1000);
    for (const std::string id : {"half", "torn", "ahead", "lost", "damaged", "mark"})
        REQUIRE(create(id, 1000) == UploadOutcome::ok);
    for (const std::string id : {"torn", "ahead", "lost"})
        REQUIRE(append(id, 0, bytes.substr(0, 400)).offset == 400);
    store.reset();
    const auto uploads = folder / "uploads";
    std::filesystem::remove(uploads / "half/info.json");  // creation was not finished
    folder.write("uploads/torn/info.json.tmp", "{");      // a rewrite was not finished
    folder.write("uploads/ahead/part", bytes.substr(0, 400) + "bytes that were not durable");
    std::filesystem::resize_file(uploads / "lost/part", 399);  // the disk lost a byte
    folder.write("uploads/damaged/info.json", "{\"id\":");
    folder.write("uploads/mark/offset", "7");
    std::filesystem::create_directory(uploads / "empty");
    store = opened();
    CHECK_FALSE(std::filesystem::exists(uploads / "half"));
    CHECK_FALSE(std::filesystem::exists(uploads / "empty"));
    CHECK(head("half").outcome == UploadOutcome::not_found);
    CHECK(head("torn").offset == 400);
    CHECK(head("ahead").offset == 400);
    CHECK(append("ahead", 400, bytes.substr(400)).complete);
    CHECK(stored("ahead") == bytes);
    CHECK(append("lost", 400, bytes.substr(400)).outcome == UploadOutcome::gone);
    CHECK(head("lost").outcome == UploadOutcome::gone);
    CHECK(head("damaged").outcome == UploadOutcome::not_found);
    for (const std::string id : {"lost", "damaged", "mark"})
        CHECK_THAT(log.text(), Catch::Matchers::Contains(id));
    CHECK(log.text().find(folder.path().string()) == std::string::npos);
}

TEST_CASE_METHOD(UploadsFixture,
                 "what the history has not announced is announced by the next session") {
    const std::string bytes = uploadBytes(1, 0, 4000);
    REQUIRE(create("b1", 4000) == UploadOutcome::ok);
    REQUIRE(append("b1", 0, bytes.substr(0, 2500)).offset == 2500);
    chunks.clear();
    AppendStart start =
        store->append("b1", "ann", {.offset = 2500, .announced_chunks = [] { return 1U; }});
    start.session->write(std::span(bytes).subspan(2500, 600));
    start.session->finish();
    CHECK(chunks == std::vector<std::string>{"b1: Chunk 2/4 uploaded (0.00MB)",
                                             "b1: Chunk 3/4 uploaded (0.00MB)"});
}

TEST_CASE_METHOD(UploadsFixture, "however a client is cut, the file is the one that it sent") {
    std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): repeatable
    const std::string bytes = uploadBytes(3, 0, 20'000);
    REQUIRE(create("b1", bytes.size()) == UploadOutcome::ok);
    int cuts = 0;
    while (true) {
        const UploadResult at = head("b1");
        if (at.complete) break;
        AppendStart start = store->append("b1", "ann", {.offset = at.offset});
        REQUIRE(start.session);
        std::uint64_t sent = at.offset;
        const std::uint64_t cut = std::min<std::uint64_t>(bytes.size(), sent + random() % 50);
        while (sent < cut) {
            const std::uint64_t size = std::min<std::uint64_t>(cut - sent, 1 + random() % 20);
            REQUIRE(start.session->write(std::span(bytes).subspan(sent, size)) ==
                    UploadOutcome::ok);
            sent += size;
        }
        start.session.reset();  // no finish(), because the connection broke
        REQUIRE(head("b1").offset == sent);
        ++cuts;
        if (random() % 100 == 0) restart();
    }
    CHECK(cuts > 500);
    CHECK(stored("b1") == bytes);
    CHECK(chunks.size() == 20);
}
