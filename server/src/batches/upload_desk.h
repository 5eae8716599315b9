// Turns uploads into batches: the store has the bytes and the history has the batch. This class
// keeps them consistent after any interruption. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>

#include <sheafline/log.h>

#include "accounts/account_store.h"
#include "batches/batch_intake.h"
#include "batches/reader_pool.h"
#include "owner/owner.h"
#include "uploads/keys/idempotency_keys.h"
#include "uploads/upload_store.h"

namespace sheafline {

struct UploadOrder {
    BatchOrder batch{};
    std::optional<std::uint64_t> length{};
    std::string sha256{};           // hexadecimal, of the whole file
    std::string metadata{};         // Upload-Metadata as received
    std::string idempotency_key{};  // empty: none
    bool requires_upload =
        false;  // the request has bytes: Error (NO_UPLOAD) without a use for them
};

struct OpenedUpload {
    std::string batch_id{};
    bool repeated = false;  // the same order was sent before: this is its batch
    bool wants_upload = false;
    UploadResult result{};  // if its outcome is not ok, nothing was created
};

// What a user's uploads and the files of the user's batches take.
struct UserUsage {
    std::uint64_t bytes = 0;
    std::uint64_t open_uploads = 0;
};

class UploadDesk {
 public:
    // The limits of a user that differ from UploadLimits. Any thread.
    using QuotaOf = std::function<UserQuota(const std::string& user)>;

    // Queues uploads that were complete when the last server ended.
    UploadDesk(Owner& owner, ReaderPool& readers, BatchIntake& intake, BatchQueue& queue,
               const UploadLimits& limits, QuotaOf quota_of, Log& log);

    UploadStore& store() { return store_; }
    const UploadLimits& limits() const { return store_.limits(); }
    UserUsage usageOf(const std::string& user);
    // Throws what BatchIntake::create throws, and Error (KEY_REUSED) for a key that was used for
    // another order.
    OpenedUpload open(const UploadOrder& order);
    // Appends the next bytes of an upload. First stores chunks that the history lacks because of a
    // crash.
    AppendStart append(const std::string& batch_id, const std::string& user, AppendOptions options);
    // The offset of an upload. An upload whose last request broke off after the last byte is
    // completed, because its client has nothing left to send.
    UploadResult head(const std::string& batch_id, const std::string& user);
    // Call it when all bytes have arrived: queues the batch, once, or fails it if the digest is
    // wrong.
    UploadResult complete(const std::string& batch_id, const std::string& user);
    // Terminates an upload: cancels its batch, and deletes the bytes.
    UploadResult remove(const std::string& batch_id, const std::string& user);
    // Fails the batch with this reason, and deletes the bytes.
    void abandon(const std::string& batch_id, const std::string& user, const std::string& code,
                 const std::string& why);
    void sweep();  // one thread, once a minute

 private:
    OpenedUpload make(const UploadOrder& order, const std::string& batch_id);
    bool isUploading(const std::string& batch_id);
    std::optional<UploadResult> endedBefore(const std::string& batch_id, const std::string& user);
    bool commitIfUploading(Change change);
    void endLost(const std::string& batch_id, const std::string& user);
    StoredBytes storedBy(const std::string& user);
    std::uint64_t announced(const std::string& batch_id);
    void commitChunk(const std::string& batch_id, const UploadChunk& chunk);

    Owner& owner_;
    ReaderPool& readers_;
    BatchIntake& intake_;
    BatchQueue& queue_;
    const QuotaOf quota_of_;
    Log& log_;
    IdempotencyKeys keys_;
    std::set<std::string> lost_{};  // used by sweep(): uploading batches without an upload
    std::mutex complete_mutex_;     // so that an upload becomes a queued batch only once
    UploadStore store_;
};

}  // namespace sheafline
