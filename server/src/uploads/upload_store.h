// The uploads of tus 1.0, without HTTP: one folder for each, one writer at a time, and only durable
// bytes are acknowledged. Any thread. Errors of a client, and the end of an upload, are
// UploadOutcomes. Throws Error if the disk fails (DISK_IO) or a file is damaged (UPLOAD_DAMAGED).
//
//     store.create({.id = batch_id, .owner = user, .length = length}, stored_by_user);
//     auto start = store.append(batch_id, user, {.offset = offset});
//     if (!start.session) return answer(start.result);
//     while (read(block) && start.session->write(block) == UploadOutcome::ok) {}
//     auto result = start.session->finish();
//     if (result.complete) store.handOver(batch_id, folder / "archive.zip");
//
// After a start, the owner of the batches calls completed() and hands over the uploads whose last
// byte arrived just before a crash.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sheafline/log.h>

#include "uploads/append_session.h"
#include "uploads/checksum.h"
#include "uploads/chunk_slices.h"
#include "uploads/shared/shared_uploads.h"
#include "uploads/upload.h"
#include "uploads/upload_info.h"
#include "uploads/upload_limits.h"
#include "uploads/upload_outcome.h"

namespace sheafline {

struct NewUpload {
    std::string id{};
    std::string owner{};
    std::optional<std::uint64_t> length{};  // length or sha256 is set
    std::string sha256{};                   // hexadecimal, of the whole file
    std::string metadata{};                 // Upload-Metadata as received
    // Limits of this owner; without a value those of UploadLimits.
    std::optional<std::uint64_t> owner_bytes{};
    std::optional<std::uint64_t> owner_open{};
};

// What the uploads of one user take.
struct UploadUsage {
    std::uint64_t bytes = 0;  // declared, or those that have arrived
    std::uint64_t open = 0;
};

// Bytes that are already stored, of this user and of all users: archives of batches.
struct StoredBytes {
    std::uint64_t by_owner = 0;
    std::uint64_t files_by_owner = 0;
    std::uint64_t in_all = 0;
};

struct AppendOptions {
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> body_bytes{};  // Content-Length
    std::optional<Checksum> checksum{};         // Upload-Checksum
    // Returns how many chunks the history has; called when the upload is locked. If it is not set,
    // the offset decides.
    std::function<std::uint64_t()> announced_chunks{};
};

struct AppendStart {
    UploadResult result{};
    std::unique_ptr<AppendSession>
        session{};  // set if the outcome is ok; must not outlive the store
};

struct UploadClocks {
    std::function<std::int64_t()> wall_seconds{};
    std::function<std::int64_t()> steady_ms{};
};

// The upload in a folder that one server alone uses; empty if a crash left it incomplete. Throws
// Error (UPLOAD_DAMAGED).
std::optional<KnownUpload> uploadIn(const std::filesystem::path& folder);

// Removes the folder of an upload; one that is interrupted leaves a folder without info.json.
void removeUpload(const std::filesystem::path& folder);

class UploadStore {
 public:
    // Called in the thread of the session when the chunk is durable; may throw.
    using OnChunk = std::function<void(const std::string& id, const UploadChunk&)>;

    // Reads the existing uploads, and removes those that a crash left incomplete. `free_bytes` is
    // measured on the disk unless it is given. With `shared`, other servers change the uploads too,
    // and what is in the folder is only their bytes.
    UploadStore(std::filesystem::path folder, UploadLimits limits, UploadClocks clocks,
                OnChunk on_chunk, Log& log, std::function<std::uint64_t()> free_bytes = {},
                std::unique_ptr<SharedUploads> shared = {});
    ~UploadStore();
    UploadStore(const UploadStore&) = delete;
    UploadStore& operator=(const UploadStore&) = delete;

    UploadResult create(const NewUpload& upload, const StoredBytes& stored);
    // HEAD: the offset that the next PATCH must have. A session that still runs is asked to stop,
    // because its client has reconnected.
    UploadResult head(const std::string& id, std::string_view owner);
    AppendStart append(const std::string& id, std::string_view owner, const AppendOptions& options);
    UploadResult remove(const std::string& id, std::string_view owner);

    // Moves the bytes to `target` in an existing folder. If their digest is not the declared one,
    // the upload is deleted. A second call returns ok.
    UploadResult handOver(const std::string& id, const std::filesystem::path& target);
    std::vector<UploadInfo> completed() const;  // all bytes durable, not handed over

    // Does not wait for running requests. For uploads of any user.
    std::optional<UploadInfo> info(const std::string& id) const;
    bool isWhole(const std::string& id) const;  // all bytes are durable, here or handed over
    std::size_t open() const;
    UploadUsage usageOf(std::string_view owner) const;
    const UploadLimits& limits() const { return limits_; }
    std::uint64_t storedBytes() const { return stored_bytes_; }  // durable bytes since the start
    std::uint64_t sliceBytes() const { return limits_.slice_bytes; }

    void sweep();  // removes expired uploads; call it at least once a minute

 private:
    using UploadPtr = std::shared_ptr<Upload>;  // a session may outlive the removal of its upload

    struct Promised {
        std::uint64_t bytes_of_owner = 0;
        std::uint64_t open_of_owner = 0;
        std::uint64_t bytes = 0;
        std::uint64_t open = 0;
        std::uint64_t missing = 0;  // bytes that have not arrived yet
    };

    void load(const std::filesystem::path& folder);
    UploadPtr find(const std::string& id) const;
    UploadPtr findOf(const std::string& id, std::string_view owner) const;
    std::vector<UploadPtr> all() const;
    std::vector<KnownUpload> known() const;
    static Promised promised(std::string_view owner, const std::vector<KnownUpload>& uploads);
    UploadOutcome roomFor(const NewUpload& upload, const StoredBytes& stored, const Promised& sum,
                          std::uint64_t& at_most) const;
    UploadOutcome addShared(const NewUpload& upload, const StoredBytes& stored,
                            const UploadInfo& info);
    void makeFolder(const UploadInfo& info) const;
    std::optional<UploadOutcome> ending(const Upload& upload) const;
    std::unique_ptr<AppendSession> sessionOf(const UploadPtr& upload,
                                             std::unique_ptr<UploadLock> lock,
                                             const AppendOptions& options);
    void markGone(Upload& upload);
    void forget(Upload& upload);
    bool isDue(const Upload& upload) const;
    void sweepOne(Upload& upload);
    void sweepFolders() const;

    const std::filesystem::path folder_;
    const UploadLimits limits_;
    const UploadClocks clocks_;
    const OnChunk on_chunk_;
    Log& log_;
    const std::function<std::uint64_t()> free_bytes_;

    std::atomic<std::uint64_t> stored_bytes_ = 0;
    std::mutex create_mutex_;  // one creation at a time, so that free space is promised only once
    const std::unique_ptr<SharedUploads> shared_;  // null if this server alone has the uploads
    mutable std::mutex mutex_;
    // Guarded by mutex_. Of shared uploads, those that this server has seen.
    mutable std::map<std::string, UploadPtr> uploads_;
};

}  // namespace sheafline
