// Uploads that are finished twice, or terminated while others use them.
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

TEST_CASE("an upload that is terminated while bytes arrive leaves nothing behind", "[F61]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const std::string id = server.openUpload(1'000'000, admin);
    TusPatch patch(server, id, 0, 1'000'000, admin);
    patch.send(std::string(500'000, 'a'));
    const std::string part = stored("uploads/" + id);
    REQUIRE(eventually([&] { return std::filesystem::exists(site.folder / (part + "/part")); }));
    CHECK(server.client()
              .send("DELETE", "/api/uploads/" + id, "", with(admin, {{"Tus-Resumable", "1.0.0"}}))
              .status == 204);
    patch.send(std::string(500'000, 'a'));
    CHECK(patch.status() != 204);
    CHECK_FALSE(std::filesystem::exists(site.folder / part));
    CHECK(server.headOf(id, admin).status >= 404);
    CHECK(value(server.client().get(at(id, ""), admin).body, "state") == "cancelled");
}

TEST_CASE("an upload that is terminated while others ask for it cancels its batch", "[F61]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers tus = with(admin, {{"Tus-Resumable", "1.0.0"}});
    for (int round = 0; round < 20; ++round) {
        const std::string id = server.openUpload(100'000, admin);
        REQUIRE(server.patch(id, 0, std::string(50'000, 'a'), admin).status == 204);
        std::atomic<bool> over = false;
        std::vector<std::jthread> askers;
        for (int i = 0; i < 4; ++i)
            askers.emplace_back([&] {
                while (!over) server.headOf(id, admin);
            });
        CHECK(server.client().send("DELETE", "/api/uploads/" + id, "", tus).status == 204);
        over = true;
        askers.clear();
        CHECK(value(server.client().get(at(id, ""), admin).body, "state") == "cancelled");
        CHECK(server.headOf(id, admin).status >= 404);
        CHECK_FALSE(std::filesystem::exists(site.folder / stored("uploads/" + id)));
    }
}

TEST_CASE("the last bytes of an upload and its cancel at once leave one of the two results",
          "[F61]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    for (int round = 0; round < 20; ++round) {
        const std::string id = server.openUpload(10, admin);
        int sent = 0;
        int cancelled = 0;
        {
            const std::jthread sender(
                [&] { sent = server.patch(id, 0, "0123456789", admin).status; });
            const std::jthread canceller(
                [&] { cancelled = server.post(at(id, "/cancel"), "", admin).status; });
        }
        INFO("PATCH " << sent << ", cancel " << cancelled);
        CHECK((cancelled == 202 || cancelled == 409));
        CHECK((sent == 204 || sent == 404 || sent == 410 || sent == 423));
        const auto events = server.stream(id, admin);
        REQUIRE_FALSE(events.empty());
        const std::string state = value(server.client().get(at(id, ""), admin).body, "state");
        CHECK((state == "cancelled" || state == "completed"));
        CHECK(value(events.back().data, "stage") == state);
        if (cancelled == 409) CHECK(state == "completed");
    }
}

TEST_CASE("finishing an upload twice makes one batch", "[F63]") {
    const Site site;
    const RunningServer server(site);
    const Headers admin = server.signInAdmin();
    const Headers key{{"Idempotency-Key", "once"}};
    const std::string id = server.openUpload(10, admin, key);
    CHECK(server.openUpload(10, admin, key) == id);
    CHECK(server.patch(id, 0, "0123456789", admin).status == 204);
    // The reply was lost: the client asks, and sends the remaining bytes, of which there are none.
    CHECK(server.offsetOf(id, admin) == 10);
    CHECK(server.patch(id, 10, "", admin).status == 204);
    CHECK(server.patch(id, 0, "0123456789", admin).status == 409);
    const auto events = server.stream(id, admin);
    int queued = 0;
    for (const StreamedEvent& event : events) queued += value(event.data, "stage") == "queued";
    CHECK(queued == 1);
    const Reply again =
        server.post("/api/batches", R"({"pipeline":"keep","length":10})", with(admin, key));
    CHECK(value(again.body, "batch_id") == id);
    const std::string list = server.client().get("/api/batches", admin).body;
    CHECK(list.find(id) == list.rfind("\"batch_id\":\"") + 12);  // it is the only one
}
