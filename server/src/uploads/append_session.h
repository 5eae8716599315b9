// The body of one PATCH on its way to disk. One thread; its destructor without finish() means that
// the connection was cut: what came is kept, unless it was to match a checksum. Made by
// UploadStore::append, and holds the upload's lock until finish() or its end.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>

#include "uploads/checksum.h"
#include "uploads/chunk_slices.h"
#include "uploads/upload.h"
#include "uploads/upload_file.h"
#include "uploads/upload_limits.h"
#include "uploads/upload_outcome.h"

namespace sheafline {

// What a session needs of its store.
struct AppendOrders {
    UploadLimits limits{};
    std::uint64_t announced_chunks = 0;
    std::optional<Checksum> checksum{};
    std::function<void(std::uint64_t bytes)> on_stored{};
    std::function<void(const UploadChunk&)> on_chunk{};
    std::function<std::int64_t()> steady_ms{};
    std::function<std::uint64_t()> free_bytes{};
};

class AppendSession {
 public:
    // `lock` is held on `upload`.
    AppendSession(std::shared_ptr<Upload> upload, std::unique_ptr<UploadLock> lock,
                  AppendOrders orders);
    ~AppendSession();
    AppendSession(const AppendSession&) = delete;
    AppendSession& operator=(const AppendSession&) = delete;

    // Requested when a newer request wants to go on: stop reading, and let go.
    std::stop_token stop() const { return stop_; }

    // Not ok: nothing more is taken, and finish() says the same.
    UploadOutcome write(std::span<const char> bytes);
    // The rest of the body is not read, because a newer request came.
    void giveWay();
    UploadResult finish();
    // The body was all of an upload whose length was not declared.
    UploadResult finishWhole();

 private:
    UploadOutcome store(std::span<const char> bytes);
    UploadOutcome settle();
    UploadResult release(UploadOutcome outcome);
    bool isDue() const;
    void sync();
    void announce();

    const std::shared_ptr<Upload> upload_;
    std::unique_ptr<UploadLock> lock_;
    const std::stop_token stop_;
    const AppendOrders orders_;
    const std::optional<std::uint64_t> length_;
    const std::uint64_t at_most_;
    UploadFile file_;
    const std::uint64_t begin_;
    std::unique_ptr<Digest> digest_;
    std::uint64_t announced_;
    std::int64_t synced_ms_;
    UploadOutcome outcome_ = UploadOutcome::ok;
    bool finished_ = false;
};

}  // namespace sheafline
