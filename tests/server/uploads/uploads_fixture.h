// A store of uploads in a temporary folder, with a clock and a disk that a test controls.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "history_place.h"
#include "memory_log.h"
#include "temporary_folder.h"
#include "upload_bytes.h"
#include "uploads/upload_store.h"

namespace sheafline {

struct UploadsFixture {
    TemporaryFolder folder{};
    UploadLimits limits{
        .reserve_bytes = 1000, .slice_bytes = 1000, .sync_bytes = 300, .patience_ms = 60'000};
    std::atomic<std::int64_t> now{1'800'000'000};
    std::atomic<std::uint64_t> free_bytes{1'000'000'000};
    MemoryLog log{};
    std::mutex chunks_mutex{};
    std::vector<std::string> chunks{};
    int starts = 0;
    std::unique_ptr<UploadStore> store = opened();

    std::unique_ptr<UploadStore> opened() {
        return std::make_unique<UploadStore>(
            folder / "uploads", limits,
            UploadClocks{.wall_seconds = [this] { return now.load(); },
                         .steady_ms = [] { return 0; }},
            [this](const std::string& id, const UploadChunk& chunk) {
                const std::lock_guard lock(chunks_mutex);
                chunks.push_back(id + ": " + messageOf(chunk));
            },
            log, [this] { return free_bytes.load(); },
            test::usesPostgres()
                ? std::make_unique<SharedUploads>(test::databasePlace(folder, "uploads").url,
                                                  "server " + std::to_string(++starts))
                : nullptr);
    }
    void restart() {
        store.reset();
        store = opened();
    }

    UploadOutcome create(const std::string& id, std::uint64_t length,
                         const std::string& sha256 = "") const {
        return store->create({.id = id, .owner = "ann", .length = length, .sha256 = sha256}, {})
            .outcome;
    }
    // The whole body of one PATCH, in blocks.
    UploadResult append(const std::string& id, std::uint64_t offset, const std::string& bytes,
                        const std::optional<Checksum>& checksum = std::nullopt) const {
        AppendStart start = store->append(id, "ann", {.offset = offset, .checksum = checksum});
        if (!start.session) return start.result;
        for (std::size_t at = 0; at < bytes.size(); at += 100) {
            const std::size_t size = std::min<std::size_t>(100, bytes.size() - at);
            if (start.session->write(std::span(bytes).subspan(at, size)) != UploadOutcome::ok)
                break;
        }
        return start.session->finish();
    }
    std::string stored(const std::string& id) const {
        return folder.read("uploads/" + id + "/part");
    }
    UploadResult head(const std::string& id) const { return store->head(id, "ann"); }
};

}  // namespace sheafline
