#include "uploads/append_session.h"

#include <sodium.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>

namespace sheafline {

AppendSession::AppendSession(std::shared_ptr<Upload> upload, std::unique_ptr<UploadLock> lock,
                             AppendOrders orders)
    : upload_(std::move(upload)),
      lock_(std::move(lock)),
      stop_(lock_->stop()),
      orders_(std::move(orders)),
      length_(upload_->info().length),
      at_most_(upload_->info().at_most),
      file_(upload_->isShared() ? UploadFile(upload_->folder(), upload_->durable())
                                : UploadFile(upload_->folder())),
      begin_(file_.durable()),
      digest_(orders_.checksum ? std::make_unique<Digest>(orders_.checksum->algorithm) : nullptr),
      announced_(orders_.announced_chunks),
      synced_ms_(orders_.steady_ms()) {}

AppendSession::~AppendSession() {
    if (finished_) return;
    try {
        settle();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): sync() has marked the upload
        // The connection is closed, so nobody waits for an answer.
    }
}

UploadOutcome AppendSession::write(std::span<const char> bytes) {
    if (outcome_ == UploadOutcome::ok) outcome_ = store(bytes);
    return outcome_;
}

void AppendSession::giveWay() {
    if (outcome_ == UploadOutcome::ok) outcome_ = UploadOutcome::interrupted;
}

UploadOutcome AppendSession::store(std::span<const char> bytes) {
    // The first bytes of a request are stored even if a newer request has arrived, so that a client
    // with a bad network advances in small steps. After them the newer request finds the offset
    // that it expects.
    const bool stopped = stop_.stop_requested();
    if (stopped && file_.written() > begin_) return UploadOutcome::interrupted;
    if (bytes.size() > at_most_ - file_.written()) {
        return length_ ? UploadOutcome::excess : UploadOutcome::too_large;
    }
    if (!lock_->isValid()) return UploadOutcome::interrupted;
    if (file_.write(bytes) != 0) return UploadOutcome::no_space;
    if (digest_) digest_->add(bytes);
    if (stopped) return UploadOutcome::interrupted;
    if (!isDue()) return UploadOutcome::ok;
    if (const UploadOutcome synced = sync(); synced != UploadOutcome::ok) return synced;
    return orders_.free_bytes() < orders_.limits.reserve_bytes ? UploadOutcome::no_space
                                                               : UploadOutcome::ok;
}

// Bytes with a checksum are stored only when all of them match; the last byte is stored only when
// the body ends with it.
bool AppendSession::isDue() const {
    if (digest_ || file_.written() == length_) return false;
    const std::uint64_t slice_bytes = orders_.limits.slice_bytes;
    return file_.written() / slice_bytes > file_.durable() / slice_bytes ||
           file_.written() - file_.durable() >= orders_.limits.sync_bytes ||
           orders_.steady_ms() - synced_ms_ >= orders_.limits.sync_ms;
}

// Interrupted if another server has taken the upload over: its bytes count, and these do not.
UploadOutcome AppendSession::sync() {
    const std::uint64_t before = file_.durable();
    try {
        file_.sync();
    } catch (const Error&) {
        upload_->enter(UploadState::gone);  // it is unknown which bytes are on the disk
        throw;
    }
    synced_ms_ = orders_.steady_ms();
    orders_.on_stored(file_.durable() - before);
    try {
        upload_->stored(file_.durable());
    } catch (const Error& error) {
        if (error.code() != codeOf(UploadOutcome::interrupted)) throw;
        return UploadOutcome::interrupted;
    }
    announce();
    return UploadOutcome::ok;
}

void AppendSession::announce() {
    const ChunkSlices slices(length_.value_or(0), orders_.limits.slice_bytes);
    while (announced_ < slices.wholeIn(file_.durable())) orders_.on_chunk(slices.at(++announced_));
}

// Keeps or discards the bytes that are not durable yet, and returns how the body ended.
UploadOutcome AppendSession::settle() {
    finished_ = true;
    if (file_.failed()) return UploadOutcome::gone;
    if (!lock_->isValid()) return outcome_ = UploadOutcome::interrupted;
    const bool unwanted = outcome_ == UploadOutcome::excess || outcome_ == UploadOutcome::too_large;
    const std::string digest = digest_ ? digest_->take() : std::string();
    if (digest_ && outcome_ == UploadOutcome::ok &&
        sodium_memcmp(digest.data(), orders_.checksum->digest.data(), digest.size()) != 0) {
        outcome_ = UploadOutcome::checksum_mismatch;
    }
    if (unwanted || (digest_ && outcome_ != UploadOutcome::ok)) {
        file_.discard();
    } else {
        if (const UploadOutcome synced = sync(); synced != UploadOutcome::ok)
            return outcome_ = synced;
        // A newer request finds nothing to add.
        const bool whole = file_.durable() == length_;
        if (whole && outcome_ == UploadOutcome::interrupted) outcome_ = UploadOutcome::ok;
    }
    return outcome_;
}

// The upload must be free before it is handed over.
UploadResult AppendSession::release(UploadOutcome outcome) {
    outcome_ = outcome;
    UploadResult result = upload_->result(outcome);
    lock_.reset();
    return result;
}

UploadResult AppendSession::finish() { return release(finished_ ? outcome_ : settle()); }

UploadResult AppendSession::finishWhole() {
    if (!finished_) outcome_ = settle();
    if (outcome_ != UploadOutcome::ok || length_) return release(outcome_);
    if (file_.durable() == 0) return release(UploadOutcome::empty);
    UploadInfo info = upload_->info();
    info.length = file_.durable();
    if (!upload_->isShared()) writeUploadInfo(upload_->folder() / "info.json", info);
    upload_->complete();
    const ChunkSlices slices(*info.length, orders_.limits.slice_bytes);
    while (announced_ < slices.count()) orders_.on_chunk(slices.at(++announced_));
    return release(UploadOutcome::ok);
}

}  // namespace sheafline
