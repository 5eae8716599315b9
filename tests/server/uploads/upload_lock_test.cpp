// Several requests for one upload at once.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "uploads_fixture.h"

using namespace sheafline;

namespace {

// A client with a silent connection: its handler waits until it is asked to stop.
class Silent {
 public:
    Silent(UploadStore& store, const std::string& id, const std::string& bytes)
        : thread_([this, &store, id, bytes] {
              AppendStart start = store.append(id, "ann", {});
              start.session->write(bytes);
              std::unique_lock lock(mutex_);
              written_ = true;
              changed_.notify_all();
              const std::stop_callback wake(start.session->stop(), [this] {
                  const std::lock_guard stopping(stop_mutex_);
                  stopped_ = true;
                  stop_changed_.notify_all();
              });
              lock.unlock();
              std::unique_lock waiting(stop_mutex_);
              stop_changed_.wait(waiting, [this] { return stopped_; });
              waiting.unlock();
              outcome = start.session->write(std::string_view("never stored"));
          }) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return written_; });
    }
    std::atomic<UploadOutcome> outcome{UploadOutcome::ok};
    void join() { thread_.join(); }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool written_ = false;  // guarded by mutex_
    std::mutex stop_mutex_;
    std::condition_variable stop_changed_;
    bool stopped_ = false;  // guarded by stop_mutex_
    std::jthread thread_;
};

}  // namespace

TEST_CASE_METHOD(UploadsFixture, "a client that comes back takes over from its dead connection",
                 "[F50]") {
    const std::string bytes = uploadBytes(1, 0, 1000);
    for (const std::string call : {"HEAD", "PATCH", "DELETE"}) {
        INFO(call);
        REQUIRE(create(call, 1000) == UploadOutcome::ok);
        Silent dead(*store, call, bytes.substr(0, 450));
        if (call == "HEAD") CHECK(head(call).offset == 450);
        if (call == "PATCH") CHECK(append(call, 450, bytes.substr(450)).complete);
        if (call == "DELETE") CHECK(store->remove(call, "ann").outcome == UploadOutcome::ok);
        dead.join();
        CHECK(dead.outcome == UploadOutcome::interrupted);
        if (call == "DELETE") {
            CHECK(head(call).outcome == UploadOutcome::not_found);
            CHECK_FALSE(std::filesystem::exists(folder / "uploads/DELETE"));
            continue;
        }
        if (call == "HEAD") CHECK(append(call, 450, bytes.substr(450)).complete);
        CHECK(stored(call) == bytes);
    }
}

TEST_CASE_METHOD(UploadsFixture, "a duplicate that lags behind disturbs nobody") {
    const std::string bytes = uploadBytes(1, 0, 1000);
    REQUIRE(create("b1", 1000) == UploadOutcome::ok);
    AppendStart start = store->append("b1", "ann", {});
    REQUIRE(start.session->write(std::span(bytes).first(400)) == UploadOutcome::ok);
    CHECK(append("b1", 0, bytes).outcome == UploadOutcome::offset_mismatch);
    REQUIRE(start.session->write(std::span(bytes).subspan(400)) == UploadOutcome::ok);
    CHECK(start.session->finish().complete);
    CHECK(stored("b1") == bytes);
}

TEST_CASE_METHOD(UploadsFixture, "who does not let go keeps the upload, and the others are told",
                 "[sqlite]") {
    limits.patience_ms = 1;
    restart();
    REQUIRE(create("b1", 1000) == UploadOutcome::ok);
    const AppendStart start = store->append("b1", "ann", {});
    CHECK(head("b1").outcome == UploadOutcome::locked);
    CHECK(append("b1", 0, "x").outcome == UploadOutcome::locked);
    CHECK(store->remove("b1", "ann").outcome == UploadOutcome::locked);
    CHECK(start.session->stop().stop_requested());
}

TEST_CASE_METHOD(UploadsFixture, "racing clients never mix their bytes", "[F58]") {
    constexpr int kRacers = 8;
    for (int round = 0; round < 25; ++round) {
        INFO(round);
        const std::string id = "race" + std::to_string(round);
        REQUIRE(create(id, 3000) == UploadOutcome::ok);
        std::atomic<int> completed{0};
        std::vector<std::jthread> racers;
        racers.reserve(kRacers);
        for (std::uint64_t seed = 0; seed < kRacers; ++seed) {
            racers.emplace_back([&, seed] {
                // All bytes in one request. The interrupted request gives up.
                if (append(id, 0, uploadBytes(seed, 0, 3000)).outcome == UploadOutcome::ok)
                    ++completed;
            });
        }
        racers.clear();
        const std::string bytes = stored(id);
        CHECK(completed <= 1);
        bool is_of_one = false;
        for (std::uint64_t seed = 0; seed < kRacers; ++seed)
            is_of_one |= bytes == uploadBytes(seed, 0, bytes.size());
        CHECK(is_of_one);
        CHECK(head(id).offset == bytes.size());
        CHECK(store->remove(id, "ann").outcome == UploadOutcome::ok);
    }
}

TEST_CASE_METHOD(UploadsFixture, "many uploads grow, expire and go at once") {
    std::atomic<int> wrong{0};
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 8; ++n) {
                const std::string id = "u" + std::to_string(i) + "-" + std::to_string(n);
                const std::string bytes = uploadBytes(static_cast<std::uint64_t>(i), 0, 900);
                if (create(id, 900) != UploadOutcome::ok) ++wrong;
                append(id, 0, bytes.substr(0, 500));
                if (!append(id, 500, bytes.substr(500)).complete) ++wrong;
                if (store->handOver(id, folder / id).outcome != UploadOutcome::ok) ++wrong;
                if (folder.read(id) != bytes) ++wrong;
                if (n % 2 == 0) store->remove(id, "ann");
            }
        });
    }
    threads.emplace_back([&] {
        for (int n = 0; n < 20; ++n) {
            store->sweep();
            static_cast<void>(store->completed());
            static_cast<void>(store->open());
        }
    });
    threads.clear();
    CHECK(wrong == 0);
    restart();
    CHECK(head("u3-7").complete);
    CHECK(head("u3-6").outcome == UploadOutcome::not_found);
}
