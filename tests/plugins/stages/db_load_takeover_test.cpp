// Two servers load the rows of one batch: the first one hangs, and the second one has taken the
// batch over.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>

#include <catch2/catch.hpp>

#include <sheafline/fault_point.h>

#include "db_load_batch.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

std::mutex mutex;
std::condition_variable changed;
// guarded by mutex
std::string held_point;
int passages_before = 0;
bool held = false;
bool released = false;

// Holds the thread that passes the point, once.
void hold(const char* name) {
    std::unique_lock lock(mutex);
    if (held_point != name || passages_before-- > 0) return;
    held_point.clear();
    held = true;
    changed.notify_all();
    changed.wait(lock, [] { return released; });
}

// A load that hangs at a point until release().
class HangingLoad {
 public:
    HangingLoad(Batch& batch, const std::string& point, int passages) {
        {
            const std::lock_guard lock(mutex);
            held_point = point;
            passages_before = passages;
            held = released = false;
        }
        watchFaultPoints(hold);
        thread_ = std::thread([this, &batch] { code_ = batch.load(); });
        std::unique_lock lock(mutex);
        changed.wait(lock, [] { return held; });
    }
    ~HangingLoad() {
        if (thread_.joinable()) release();
        watchFaultPoints(nullptr);
    }
    HangingLoad(const HangingLoad&) = delete;
    HangingLoad& operator=(const HangingLoad&) = delete;

    std::string release() {
        {
            const std::lock_guard lock(mutex);
            released = true;
        }
        changed.notify_all();
        thread_.join();
        return code_;
    }

 private:
    std::string code_{};
    std::thread thread_{};
};

constexpr int kRows = 20;

void prepare(Batch& batch, std::int64_t epoch, const std::string& student) {
    batch.run.setEpoch(epoch);
    batch.params["chunk_rows"] = {.text = "5"};
    for (int n = 1; n <= kRows; ++n) batch.set(n, student + std::to_string(n), "A", "1");
}

std::string rowsOf(const Target& target, const std::string& student) {
    return target.query("SELECT count(*) FROM omr_results WHERE student LIKE '" + student + "%'");
}

}  // namespace

TEST_CASE("a server that hangs between two chunks stores no row after another one has begun") {
    for (const auto& target : targets()) {
        Batch first(*target, kRows);
        Batch second(*target, kRows);
        prepare(first, 1, "old");
        prepare(second, 2, "new");
        HangingLoad hanging(first, "db_load.committed", 1);
        CHECK(rowsOf(*target, "old") == "10");
        REQUIRE(second.load() == "done");
        const std::string all = target->query("SELECT * FROM omr_results ORDER BY sheet");
        CHECK(rowsOf(*target, "new") == "10");  // it continues after the rows of the first one
        std::string code = hanging.release();
        // Its connection to PostgreSQL was ended; the runner tries it again.
        if (code == "SINK_UNAVAILABLE") code = first.load();
        CHECK(code == "FENCED");
        CHECK_THAT(first.message, Catch::Contains("another server has taken the batch over"));
        CHECK(target->query("SELECT * FROM omr_results ORDER BY sheet") == all);
        CHECK(target->query("SELECT count(*), count(DISTINCT sheet) FROM omr_results") ==
              std::to_string(kRows) + "|" + std::to_string(kRows));
    }
}

TEST_CASE("a server that hangs in a transaction of PostgreSQL does not hold the next one up") {
    if (!PostgresServer::installed()) {
        WARN("skipped: PostgreSQL is not installed");
        return;
    }
    const std::string point = GENERATE("db_load.commit", "db_load.replace");
    const PostgresTarget target;
    Batch first(target, kRows);
    Batch second(target, kRows);
    prepare(first, 7, "old");
    prepare(second, 8, "new");
    if (point == "db_load.replace") {
        REQUIRE(first.load() == "done");
        first.run.setChangedSheets({3, 4});
        second.run.setChangedSheets({3, 4});
    }
    HangingLoad hanging(first, point, 0);
    REQUIRE(second.load() == "done");
    const std::string all = target.query("SELECT * FROM omr_results ORDER BY sheet");
    CHECK(hanging.release() == "SINK_UNAVAILABLE");  // its connection was ended: it is retried
    CHECK(first.load() == "FENCED");
    CHECK(target.query("SELECT * FROM omr_results ORDER BY sheet") == all);
    CHECK(target.query("SELECT count(*) FROM omr_results") == std::to_string(kRows));
}

TEST_CASE("an owner with a lower epoch cannot even begin after a later one") {
    for (const auto& target : targets()) {
        Batch second(*target, kRows);
        prepare(second, 2, "new");
        REQUIRE(second.load() == "done");
        Batch first(*target, kRows);
        prepare(first, 1, "old");
        target->query("DELETE FROM omr_results WHERE sheet > 10");  // it would load them again
        CHECK(first.load() == "FENCED");
        CHECK(rowsOf(*target, "old") == "0");
        // A batch of its own is not concerned, and neither is one without a lease.
        prepare(second, 3, "newer");
        REQUIRE(second.load() == "done");
        CHECK(rowsOf(*target, "new") == std::to_string(kRows));
    }
}

TEST_CASE("without a lease the progress table has no row about the epoch") {
    for (const auto& target : targets()) {
        Batch batch(*target, kRows);
        prepare(batch, 0, "s");
        REQUIRE(batch.load() == "done");
        CHECK(target->query("SELECT count(*) FROM sheafline_load_progress WHERE execution = 0") ==
              "0");
    }
}
