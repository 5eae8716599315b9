#include "batches/upload_desk.h"

#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include <Poco/UUIDGenerator.h>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "base/clocks.h"
#include "base/file_digest.h"
#include "batch/params/param_files.h"

namespace sheafline {

namespace {

constexpr std::int64_t kKeySeconds = 24 * std::int64_t{3600};
constexpr std::int64_t kCreationSeconds = 5;  // for the request that has claimed a key
constexpr std::chrono::milliseconds kCreationPause{50};

std::int64_t now() { return wallMs() / 1000; }

std::string hashOf(const UploadOrder& order) {
    std::string text = order.batch.pipeline + '\n' + order.sha256 + '\n' + order.metadata;
    if (order.length) text += '\n' + std::to_string(*order.length);
    for (const auto& [name, value] : order.batch.params)
        text.append("\n").append(name).append("=").append(value);
    for (const auto& [name, file] : order.batch.files)
        text.append("\nfile ").append(name).append("=").append(file.name).append(" ").append(
            sha256Of(file.bytes));
    if (!order.batch.title.name.empty()) text += "\nname " + order.batch.title.name;
    for (const auto& [key, value] : order.batch.title.labels)
        text.append("\nlabel ").append(key).append("=").append(value);
    return sha256Of(text);
}

// Null with a history in a file, which has one server.
std::unique_ptr<SharedUploads> sharedUploads(Owner& owner) {
    const std::string url = owner.folder().history().url;
    return url.empty() ? nullptr : std::make_unique<SharedUploads>(url, owner.identity().id);
}

}  // namespace

UploadDesk::UploadDesk(Owner& owner, ReaderPool& readers, BatchIntake& intake, BatchQueue& queue,
                       const UploadLimits& limits, QuotaOf quota_of, Log& log)
    : owner_(owner),
      readers_(readers),
      intake_(intake),
      queue_(queue),
      quota_of_(std::move(quota_of)),
      log_(log),
      keys_(owner.folder().database("idempotency.db"), &log),
      store_(
          owner.folder().uploads(), limits, {.wall_seconds = now, .steady_ms = bootMs},
          [this](const std::string& id, const UploadChunk& chunk) { commitChunk(id, chunk); }, log,
          {}, sharedUploads(owner)) {
    for (const UploadInfo& upload : store_.completed()) complete(upload.id, upload.owner);
    for (const BatchRow& batch : readers_.take()->unfinished()) {
        if (batch.state != BatchState::uploading) continue;
        if (store_.isWhole(batch.batch_id)) complete(batch.batch_id, batch.user);
        const auto upload = store_.info(batch.batch_id);
        if (!upload || upload->gone) endLost(batch.batch_id, batch.user);
    }
}

// False if the batch has ended meanwhile, for example because another request cancelled it.
bool UploadDesk::commitIfUploading(Change change) {
    change.expected = Expected{.states = {BatchState::uploading}};
    try {
        owner_.history().commit(std::move(change));
        return true;
    } catch (const Error& error) {
        if (error.code() == "STATE_CHANGED" || error.code() == "NO_SUCH_BATCH") return false;
        throw;
    }
}

void UploadDesk::commitChunk(const std::string& batch_id, const UploadChunk& chunk) {
    commitIfUploading({.batch_id = batch_id,
                       .events = {{.stage = "uploading",
                                   .message = messageOf(chunk),
                                   .done = static_cast<double>(chunk.number),
                                   .total = static_cast<double>(chunk.count),
                                   .complete = chunk.count > 0 && chunk.number == chunk.count}}});
}

// While a batch is uploading, it has its first event and one event for each chunk.
std::uint64_t UploadDesk::announced(const std::string& batch_id) {
    const auto batch = readers_.take()->batch(batch_id);
    return batch && batch->seq > 0 ? batch->seq - 1 : 0;
}

StoredBytes UploadDesk::storedBy(const std::string& user) {
    StoredBytes stored;
    for (const BatchRow& batch : readers_.take()->batches({.limit = INT32_MAX})) {
        std::error_code error;
        std::uint64_t files = bytesOfFiles(owner_.folder(), batch.batch_id);
        // What a stage made of a PDF or of images, beside the upload.
        const auto made =
            std::filesystem::file_size(owner_.folder().batch(batch.batch_id) / "sheets.zip", error);
        if (!error) files += made;
        stored.in_all += files;
        if (batch.user == user) stored.by_owner += files;
        const auto size = std::filesystem::file_size(intake_.archiveOf(batch.batch_id), error);
        if (error) continue;
        stored.in_all += size;
        if (batch.user != user) continue;
        stored.by_owner += size;
        ++stored.files_by_owner;
    }
    return stored;
}

UserUsage UploadDesk::usageOf(const std::string& user) {
    const UploadUsage uploads = store_.usageOf(user);
    return {.bytes = storedBy(user).by_owner + uploads.bytes, .open_uploads = uploads.open};
}

OpenedUpload UploadDesk::open(const UploadOrder& order) {
    intake_.check(order.batch);
    if (order.requires_upload && !intake_.wantsUpload(order.batch.pipeline))
        throw Error(ErrorClass::permanent, "NO_UPLOAD",
                    "the pipeline takes no file; send the order as JSON without a file");
    std::string batch_id = Poco::UUIDGenerator::defaultGenerator().createRandom().toString();
    if (order.idempotency_key.empty()) return make(order, batch_id);
    const std::string hash = hashOf(order);
    while (true) {
        const KeyClaim claim =
            keys_.claim(order.batch.user, order.idempotency_key, hash, batch_id, now());
        if (claim.outcome == KeyOutcome::conflict) {
            throw Error(ErrorClass::permanent, "KEY_REUSED",
                        "this Idempotency-Key was used for another request");
        }
        if (const auto batch = readers_.take()->batch(claim.batch_id)) {
            return {.batch_id = claim.batch_id,
                    .repeated = true,
                    .wants_upload = batch->state == BatchState::uploading};
        }
        // The first request may create the batch right now, here or on another server, or have
        // ended between claiming the key and creating the batch.
        const bool mine = claim.outcome == KeyOutcome::first;
        if (!mine && now() - claim.claimed_at < kCreationSeconds) {
            std::this_thread::sleep_for(kCreationPause);
            continue;
        }
        OpenedUpload opened = make(order, claim.batch_id);
        if (mine && opened.result.outcome != UploadOutcome::ok)
            keys_.release(order.batch.user, order.idempotency_key);
        return opened;
    }
}

OpenedUpload UploadDesk::make(const UploadOrder& order, const std::string& batch_id) {
    OpenedUpload opened{.batch_id = batch_id};
    BatchOrder batch = order.batch;
    batch.batch_id = batch_id;
    opened.wants_upload = intake_.wantsUpload(batch.pipeline);
    if (opened.wants_upload) {
        const UserQuota quota = quota_of_(batch.user);
        opened.result = store_.create({.id = batch_id,
                                       .owner = batch.user,
                                       .length = order.length,
                                       .sha256 = order.sha256,
                                       .metadata = order.metadata,
                                       .owner_bytes = quota.bytes,
                                       .owner_open = quota.uploads},
                                      storedBy(batch.user));
        // A server was lost before it created the batch of its upload; the request is repeated.
        const bool unfinished = opened.result.outcome == UploadOutcome::exists &&
                                opened.result.info.owner == batch.user;
        if (unfinished) opened.result.outcome = UploadOutcome::ok;
        if (opened.result.outcome != UploadOutcome::ok) return opened;
    }
    try {
        intake_.create(batch);
    } catch (...) {
        // Another request with the same key may have created the batch.
        if (opened.wants_upload && !readers_.take()->batch(batch_id))
            store_.remove(batch_id, batch.user);
        throw;
    }
    return opened;
}

AppendStart UploadDesk::append(const std::string& batch_id, const std::string& user,
                               AppendOptions options) {
    options.announced_chunks = [this, &batch_id] { return announced(batch_id); };
    AppendStart start = store_.append(batch_id, user, options);
    if (start.result.outcome == UploadOutcome::gone) endLost(batch_id, user);
    return start;
}

// A batch whose upload expired or was lost on the disk can never be completed.
void UploadDesk::endLost(const std::string& batch_id, const std::string& user) {
    if (!isUploading(batch_id)) return;
    const auto upload = store_.info(batch_id);
    if (upload && upload->owner != user) return;
    log_.warning("batch " + batch_id + ": its upload no longer exists");
    if (upload && now() >= upload->expires_at)
        return abandon(batch_id, user, "UPLOAD_EXPIRED",
                       "the upload was not finished in time; create a new batch");
    abandon(batch_id, user, "UPLOAD_GONE",
            "bytes of the upload that were stored on the server are missing or damaged; create a "
            "new batch and upload the file again");
}

bool UploadDesk::isUploading(const std::string& batch_id) {
    const auto batch = readers_.take()->batch(batch_id);
    return batch && batch->state == BatchState::uploading;
}

UploadResult UploadDesk::head(const std::string& batch_id, const std::string& user) {
    UploadResult result = store_.head(batch_id, user);
    if (result.outcome == UploadOutcome::gone) endLost(batch_id, user);
    const bool whole = result.outcome == UploadOutcome::ok && result.complete;
    if (whole && isUploading(batch_id)) complete(batch_id, user);
    return result;
}

UploadResult UploadDesk::complete(const std::string& batch_id, const std::string& user) {
    const auto target = intake_.archiveOf(batch_id);
    if (const auto ended = endedBefore(batch_id, user)) return *ended;
    createFolders(target.parent_path());
    // Reads the whole file, so it holds no lock.
    UploadResult result = store_.handOver(batch_id, target);
    if (result.outcome == UploadOutcome::locked) return result;
    const std::lock_guard lock(complete_mutex_);
    if (const auto ended = endedBefore(batch_id, user)) return *ended;
    if (result.outcome == UploadOutcome::gone) {
        endLost(batch_id, user);
        return result;
    }
    if (result.outcome != UploadOutcome::ok) {
        abandon(batch_id, user, std::string(codeOf(result.outcome)),
                "the uploaded file does not have the declared SHA-256; create a new batch");
        return result;
    }
    const ChunkSlices slices(result.info.length.value_or(0), store_.sliceBytes());
    for (std::uint64_t chunk = announced(batch_id); chunk < slices.count();)
        commitChunk(batch_id, slices.at(++chunk));
    try {
        intake_.uploaded(batch_id, user);
    } catch (const Error& error) {
        if (error.code() != "STATE_CHANGED") throw;
        return endedBefore(batch_id, user).value_or(result);
    }
    return result;
}

// What to answer if the batch does not wait for its upload any more: another request completed it,
// or the batch was cancelled or removed. The bytes of an ended batch are removed.
std::optional<UploadResult> UploadDesk::endedBefore(const std::string& batch_id,
                                                    const std::string& user) {
    const auto batch = readers_.take()->batch(batch_id);
    if (batch && batch->state == BatchState::uploading) return std::nullopt;
    if (!batch || isFinal(batch->state)) store_.remove(batch_id, user);
    const bool wanted = batch && batch->state != BatchState::cancelled;
    return UploadResult{.outcome = wanted ? UploadOutcome::ok : UploadOutcome::gone,
                        .complete = wanted};
}

UploadResult UploadDesk::remove(const std::string& batch_id, const std::string& user) {
    const auto upload = store_.info(batch_id);
    if (!upload || upload->owner != user) return {.outcome = UploadOutcome::not_found};
    if (upload->gone) return {.outcome = UploadOutcome::gone};
    // First the batch, or a request that finds the bytes gone takes them for lost and fails it. If
    // it runs already, it is the running batch that is cancelled.
    queue_.cancel(batch_id);
    UploadResult result = store_.remove(batch_id, user);
    // Another request has found the cancelled batch and has removed the bytes.
    if (result.outcome == UploadOutcome::not_found || result.outcome == UploadOutcome::gone)
        result.outcome = UploadOutcome::ok;
    return result;
}

void UploadDesk::abandon(const std::string& batch_id, const std::string& user,
                         const std::string& code, const std::string& why) {
    store_.remove(batch_id, user);
    const EventError error{.code = code, .message = why};
    commitIfUploading(
        {.batch_id = batch_id,
         .state = BatchState::failed,
         .outcome = Outcome{.state = BatchState::failed, .error = error},
         .events = {{.stage = "failed", .message = "Batch failed: " + why, .error = error}}});
}

void UploadDesk::sweep() {
    store_.sweep();
    keys_.forgetBefore(now() - kKeySeconds);
    std::set<std::string> lost;
    for (const BatchRow& batch : readers_.take()->unfinished()) {
        if (batch.state != BatchState::uploading) continue;
        if (store_.isWhole(batch.batch_id)) complete(batch.batch_id, batch.user);
        const auto upload = store_.info(batch.batch_id);
        if (upload && !upload->gone) continue;
        lost.insert(batch.batch_id);
        // A request may be removing it right now, but not during two sweeps.
        if (upload || lost_.contains(batch.batch_id)) endLost(batch.batch_id, batch.user);
    }
    lost_ = std::move(lost);
}

}  // namespace sheafline
