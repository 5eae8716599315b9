#include "uploads/upload.h"

#include <utility>

#include "uploads/shared/shared_uploads.h"

namespace sheafline {

namespace {

// Each one occupies a thread of the server.
constexpr int kMayWait = 4;

}  // namespace

Upload::Upload(std::filesystem::path folder, KnownUpload known, SharedUploads* shared)
    : folder_(std::move(folder)),
      info_(std::move(known.info)),
      durable_(known.durable),
      state_(known.state),
      shared_(shared) {}

UploadInfo Upload::info() const {
    const std::lock_guard lock(mutex_);
    return info_;
}

UploadState Upload::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

std::uint64_t Upload::durable() const {
    const std::lock_guard lock(mutex_);
    return durable_;
}

UploadResult Upload::result(UploadOutcome outcome) const {
    const std::lock_guard lock(mutex_);
    return {.outcome = outcome,
            .offset = durable_,
            .complete = state_ == UploadState::complete || state_ == UploadState::handed_over,
            .info = info_};
}

// Before the members change: what another server can read is true.
void Upload::share(std::int64_t epoch, const KnownUpload& known) const {
    if (shared_ == nullptr) return;
    shared_->store(known.info.id, epoch,
                   {.durable = known.durable, .state = known.state, .length = known.info.length});
}

std::int64_t Upload::epoch() const {
    const std::lock_guard lock(mutex_);
    return epoch_;
}

void Upload::stored(std::uint64_t durable) {
    const UploadInfo known = info();
    const UploadState state = known.length == durable ? UploadState::complete : this->state();
    share(epoch(), {.info = known, .durable = durable, .state = state});
    const std::lock_guard lock(mutex_);
    durable_ = durable;
    state_ = state;
}

void Upload::complete() {
    UploadInfo known = info();
    known.length = durable();
    share(epoch(), {.info = known, .durable = durable(), .state = UploadState::complete});
    const std::lock_guard lock(mutex_);
    info_.length = durable_;
    state_ = UploadState::complete;
}

void Upload::enter(UploadState state) {
    share(epoch(), {.info = info(), .durable = durable(), .state = state});
    const std::lock_guard lock(mutex_);
    state_ = state;
    info_.gone = state == UploadState::gone;
}

void Upload::forget() {
    if (shared_ != nullptr) shared_->remove(info().id, epoch());
    const std::lock_guard lock(mutex_);
    state_ = UploadState::gone;
    info_.gone = true;
}

void Upload::refresh(const KnownUpload& known) {
    const std::lock_guard lock(mutex_);
    if (held_) return;
    info_ = known.info;
    durable_ = known.durable;
    state_ = known.state;
}

UploadLock::UploadLock(Upload& upload) : upload_(upload) {
    {
        const std::lock_guard lock(upload.mutex_);
        if (!upload.held_) take();
    }
    if (held_) takeFromServers({});
}

UploadLock::UploadLock(Upload& upload, std::chrono::milliseconds patience) : upload_(upload) {
    std::unique_lock lock(upload.mutex_);
    if (upload.held_) {
        if (upload.waiting_ == kMayWait) return;
        std::stop_source holder = upload.stop_;
        ++upload.waiting_;
        lock.unlock();
        holder.request_stop();  // runs callbacks of the holder, so it must not hold our mutex
        lock.lock();
        upload.released_.wait_for(lock, patience, [&] { return !upload.held_; });
        --upload.waiting_;
        if (upload.held_) return;
    }
    take();
    lock.unlock();
    takeFromServers(patience);
}

// This server has the lock by now; here it gets it among all servers, or lets it go.
void UploadLock::takeFromServers(std::chrono::milliseconds patience) {
    if (upload_.shared_ == nullptr) return;
    try {
        const SharedUploads::Taken taken =
            upload_.shared_->take(upload_.info().id, upload_.stop_, patience);
        if (taken.upload && !taken.held) return letGo();
        epoch_ = taken.epoch;
        const std::lock_guard lock(upload_.mutex_);
        upload_.epoch_ = taken.epoch;
        if (taken.upload) {
            upload_.info_ = taken.upload->info;
            upload_.durable_ = taken.upload->durable;
            upload_.state_ = taken.upload->state;
        } else {
            upload_.state_ = UploadState::gone;  // another server has removed it
        }
    } catch (...) {
        letGo();
        throw;
    }
}

bool UploadLock::isValid() const {
    return held_ &&
           (upload_.shared_ == nullptr || upload_.shared_->holds(upload_.info().id, epoch_));
}

void UploadLock::take() {
    upload_.held_ = held_ = true;
    upload_.stop_ = std::stop_source();
    stop_ = upload_.stop_.get_token();
}

UploadLock::~UploadLock() {
    if (!held_) return;
    if (epoch_ > 0) upload_.shared_->release(upload_.info().id, epoch_);
    letGo();
}

void UploadLock::letGo() {
    held_ = false;
    {
        const std::lock_guard lock(upload_.mutex_);
        upload_.held_ = false;
    }
    upload_.released_.notify_one();
}

}  // namespace sheafline
