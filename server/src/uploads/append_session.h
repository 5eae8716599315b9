// Writes the body of one PATCH to disk. One thread. If it is destroyed without finish(), the
// connection was lost: the bytes that arrived are kept, unless they have a checksum to match.
// Created by UploadStore::append; holds the upload's lock until finish() or its destructor.
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

// The orders of the store to a session.
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

    // Requested when a newer request wants to continue: stop reading and release the upload.
    std::stop_token stop() const { return stop_; }

    // If it is not ok, no more bytes are accepted, and finish() returns the same.
    UploadOutcome write(std::span<const char> bytes);
    // The rest of the body is not read, because a newer request has arrived.
    void giveWay();
    UploadResult finish();
    // For an upload without a declared length: the body was the whole upload.
    UploadResult finishWhole();

 private:
    UploadOutcome store(std::span<const char> bytes);
    UploadOutcome settle();
    UploadResult release(UploadOutcome outcome);
    bool isDue() const;
    UploadOutcome sync();
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
