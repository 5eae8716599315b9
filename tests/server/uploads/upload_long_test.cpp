// The long versions of the tests in upload_faults_test.cpp.
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "tus_client.h"

using namespace sheafline;
using namespace sheafline::test;

TEST_CASE("a 200 MB upload that is cut a thousand times arrives unchanged", "[F50]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    std::mt19937 random(Catch::rngSeed());
    const std::string bytes = randomBytes(200'000'000, random);
    const std::string id = uploadWithCuts(server, admin, bytes, 1'000, random);
    CHECK(archiveOf(site, id) == bytes);
    std::vector<std::string> chunks;
    for (const StreamedEvent& event : server.stream(id, admin)) {
        const std::string message = value(event.data, "message");
        if (message.starts_with("Chunk ")) chunks.push_back(message);
    }
    CHECK(chunks ==
          std::vector<std::string>{"Chunk 1/4 uploaded (50.00MB)", "Chunk 2/4 uploaded (50.00MB)",
                                   "Chunk 3/4 uploaded (50.00MB)", "Chunk 4/4 uploaded (40.73MB)"});
}

TEST_CASE(
    "a hundred simultaneous uploads of 20 MB use little memory and do not wait for each other",
    "[F65]") {
    constexpr std::size_t kUploads = 100;
    constexpr std::size_t kBytes = 20'000'000;
    constexpr std::size_t kPiece = 100'000;
    const Site site;
    RunningServer server(site, "0", {{"SHEAFLINE_USER_UPLOADS", "100"}});
    const Headers admin = server.signInAdmin();
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < kUploads; ++i) ids.push_back(server.openUpload(kBytes, admin));
    const std::string piece(kPiece, 'x');
    std::vector<std::atomic<std::size_t>> sent(kUploads);
    std::atomic<std::size_t> slowest_at_first_end = kBytes;
    std::atomic<bool> ended = false;
    std::atomic<int> taken = 0;
    std::vector<std::jthread> clients;
    for (std::size_t i = 0; i < kUploads; ++i) {
        clients.emplace_back([&, i] {
            TusPatch patch(server, ids[i], 0, kBytes, admin);
            while (sent[i] < kBytes && patch.send(piece)) sent[i] += kPiece;
            if (patch.status() != 204) return;
            ++taken;
            if (ended.exchange(true)) return;
            std::size_t least = kBytes;
            for (const auto& one : sent) least = std::min(least, one.load());
            slowest_at_first_end = least;
        });
    }
    clients.clear();
    CHECK(taken == kUploads);
    const double peak = server.peakMegabytes();
    WARN("peak of the server: " << peak << " MB; when the first had ended the slowest had sent "
                                << slowest_at_first_end / 1'000 << " kB");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    CHECK(peak < 200);  // sanitizers keep freed memory and shadow memory
#endif
    CHECK(slowest_at_first_end > kBytes / 20);
}
