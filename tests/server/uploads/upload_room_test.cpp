// Quotas and free space on the disk.
#include <filesystem>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "uploads/upload_store.h"
#include "uploads_fixture.h"

using namespace sheafline;

TEST_CASE_METHOD(UploadsFixture, "quotas are held before a byte is taken", "[F62]") {
    limits.user_bytes = 10'000;
    limits.user_files = 5;
    limits.user_open = 3;
    limits.all_bytes = 20'000;
    limits.all_open = 4;
    restart();
    const auto createFor = [&](const std::string& id, const std::string& owner,
                               std::uint64_t length, const StoredBytes& stored) {
        return store->create({.id = id, .owner = owner, .length = length}, stored).outcome;
    };
    CHECK(createFor("a", "ann", 1001, {.by_owner = 9000}) == UploadOutcome::over_quota);
    CHECK(createFor("a", "ann", 100, {.files_by_owner = 5}) == UploadOutcome::over_quota);
    CHECK(createFor("a", "ann", 100, {.in_all = 19'901}) == UploadOutcome::over_quota);
    CHECK(createFor("a", "ann", 6000, {}) == UploadOutcome::ok);
    CHECK(createFor("b", "ann", 4001, {}) == UploadOutcome::over_quota);
    CHECK(createFor("b", "ann", 100, {.files_by_owner = 4}) == UploadOutcome::over_quota);
    CHECK(createFor("b", "ann", 2000, {}) == UploadOutcome::ok);
    CHECK(createFor("c", "ann", 2000, {}) == UploadOutcome::ok);
    CHECK(createFor("d", "ann", 1, {.by_owner = 0}) == UploadOutcome::over_quota);
    CHECK(store->remove("b", "ann").outcome == UploadOutcome::ok);
    CHECK(createFor("d", "ann", 1, {}) == UploadOutcome::ok);
    CHECK(createFor("e", "ann", 1, {}) == UploadOutcome::too_many);
    CHECK(createFor("e", "bob", 1, {}) == UploadOutcome::ok);
    CHECK(createFor("f", "bob", 1, {}) == UploadOutcome::too_many);
}

TEST_CASE_METHOD(UploadsFixture, "space on the disk is promised once, and a reserve stays free",
                 "[F9][F62]") {
    free_bytes = 5000;
    CHECK(create("a", 4001) == UploadOutcome::no_space);
    CHECK(create("a", 3000) == UploadOutcome::ok);
    CHECK(create("b", 1001) == UploadOutcome::no_space);
    CHECK(create("b", 1000) == UploadOutcome::ok);
    // Other data fills the disk: the upload stops, keeps its bytes, and continues later.
    const std::string bytes = uploadBytes(1, 0, 3000);
    free_bytes = 999;
    const UploadResult full = append("a", 0, bytes);
    CHECK(full.outcome == UploadOutcome::no_space);
    CHECK(full.offset == 300);
    free_bytes = 5000;
    CHECK(append("a", 300, bytes.substr(300)).complete);
    CHECK(stored("a") == bytes);
}

TEST_CASE_METHOD(UploadsFixture, "a disk that fills up in the middle costs nothing that was stored",
                 "[F9][sqlite]") {
    const auto disk = folder / "uploads";
    store.reset();
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=256k") != 0) {
        WARN("skipped: a tmpfs cannot be mounted here");
        return;
    }
    limits.sync_bytes = 1 << 20;
    store = opened();
    const std::string bytes = uploadBytes(1, 0, 400'000);
    CHECK(create("b1", bytes.size()) == UploadOutcome::ok);
    const UploadResult full = append("b1", 0, bytes);
    CHECK(full.outcome == UploadOutcome::no_space);
    CHECK(full.offset > 100'000);
    CHECK(create("b2", 1) == UploadOutcome::no_space);
    restart();
    CHECK(head("b1").offset == full.offset);
    CHECK(store->info("b2") == std::nullopt);
    REQUIRE(::mount("tmpfs", disk.c_str(), "tmpfs", MS_REMOUNT, "size=1m") == 0);
    CHECK(append("b1", full.offset, bytes.substr(full.offset)).complete);
    CHECK(stored("b1") == bytes);
    store.reset();
    CHECK(::umount(disk.c_str()) == 0);
}
