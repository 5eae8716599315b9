// Uploads that become batches: the store keeps the bytes, the history the batch, and this keeps the
// two in step, whatever breaks off between them. Thread-safe.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>

#include <sheafline/log.h>

#include "batches/batch_intake.h"
#include "batches/reader_pool.h"
#include "owner/owner.h"
#include "uploads/idempotency_keys.h"
#include "uploads/upload_store.h"

namespace sheafline {

struct UploadOrder {
    BatchOrder batch{};
    std::optional<std::uint64_t> length{};
    std::string sha256{};           // hexadecimal, of the whole file
    std::string metadata{};         // Upload-Metadata as it came
    std::string idempotency_key{};  // empty: none
};

struct OpenedUpload {
    std::string batch_id{};
    bool repeated = false;  // the same order came before: this is its batch
    bool wants_upload = false;
    UploadResult result{};  // where its outcome is not ok, nothing was made
};

class UploadDesk {
 public:
    // Queues what was complete when the last server ended.
    UploadDesk(Owner& owner, ReaderPool& readers, BatchIntake& intake, const UploadLimits& limits,
               Log& log);

    UploadStore& store() { return store_; }
    // Throws what BatchIntake::create throws, and Error (KEY_REUSED) for a key that stands for
    // another order.
    OpenedUpload open(const UploadOrder& order);
    // The next bytes of an upload. Chunks that a crash kept from the history come first.
    AppendStart append(const std::string& batch_id, const std::string& user, AppendOptions options);
    // How far it is. One whose last request broke off after the last byte is completed: its client
    // has nothing left to send.
    UploadResult head(const std::string& batch_id, const std::string& user);
    // All bytes are there: the batch is queued, once, or fails where the digest is another.
    UploadResult complete(const std::string& batch_id, const std::string& user);
    // The batch fails for this reason, and the bytes are thrown away.
    void abandon(const std::string& batch_id, const std::string& user, const std::string& code,
                 const std::string& why);
    void sweep();  // one thread, once a minute

 private:
    OpenedUpload make(const UploadOrder& order, const std::string& batch_id);
    bool isUploading(const std::string& batch_id);
    bool waitsForUpload(const std::string& batch_id, const std::string& user);
    void endLost(const std::string& batch_id, const std::string& user);
    StoredBytes storedBy(const std::string& user);
    std::uint64_t announced(const std::string& batch_id);
    void commitChunk(const std::string& batch_id, const UploadChunk& chunk);

    Owner& owner_;
    ReaderPool& readers_;
    BatchIntake& intake_;
    Log& log_;
    IdempotencyKeys keys_;
    std::set<std::string> lost_{};  // sweep()'s: uploading batches without an upload
    std::mutex complete_mutex_;     // an upload turns into a queued batch once
    UploadStore store_;
};

}  // namespace sheafline
