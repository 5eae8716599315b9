#include "uploads/upload.h"

#include <utility>

namespace sheafline {

namespace {

// Each one occupies a thread of the server.
constexpr int kMayWait = 4;

}  // namespace

Upload::Upload(std::filesystem::path folder, UploadInfo info, std::uint64_t durable,
               UploadState state)
    : folder_(std::move(folder)), info_(std::move(info)), durable_(durable), state_(state) {}

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

void Upload::stored(std::uint64_t durable) {
    const std::lock_guard lock(mutex_);
    durable_ = durable;
    if (info_.length == durable) state_ = UploadState::complete;
}

void Upload::complete() {
    const std::lock_guard lock(mutex_);
    info_.length = durable_;
    state_ = UploadState::complete;
}

void Upload::enter(UploadState state) {
    const std::lock_guard lock(mutex_);
    state_ = state;
    info_.gone = state == UploadState::gone;
}

UploadLock::UploadLock(Upload& upload) : upload_(upload) {
    const std::lock_guard lock(upload.mutex_);
    if (!upload.held_) take();
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
}

void UploadLock::take() {
    upload_.held_ = held_ = true;
    upload_.stop_ = std::stop_source();
    stop_ = upload_.stop_.get_token();
}

UploadLock::~UploadLock() {
    if (!held_) return;
    {
        const std::lock_guard lock(upload_.mutex_);
        upload_.held_ = false;
    }
    upload_.released_.notify_one();
}

}  // namespace sheafline
