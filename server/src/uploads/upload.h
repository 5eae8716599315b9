// One upload in the store: its state, and the lock that one request at a time holds. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <stop_token>

#include "uploads/upload_info.h"
#include "uploads/upload_outcome.h"

namespace sheafline {

enum class UploadState {
    open,         // bytes are missing
    complete,     // all bytes are durable
    handed_over,  // the batch has them
    gone,         // they no longer exist
};

class Upload {
 public:
    Upload(std::filesystem::path folder, UploadInfo info, std::uint64_t durable, UploadState state);

    const std::filesystem::path& folder() const { return folder_; }
    UploadInfo info() const;
    UploadState state() const;
    std::uint64_t durable() const;
    UploadResult result(UploadOutcome outcome) const;  // with the current state

    void stored(std::uint64_t durable);  // sets the number of durable bytes
    void complete();                     // the durable bytes are the whole upload
    void enter(UploadState state);

 private:
    const std::filesystem::path folder_;
    mutable std::mutex mutex_;
    UploadInfo info_;        // guarded by mutex_
    std::uint64_t durable_;  // guarded by mutex_
    UploadState state_;      // guarded by mutex_

    friend class UploadLock;
    std::condition_variable released_;
    bool held_ = false;        // guarded by mutex_
    int waiting_ = 0;          // guarded by mutex_
    std::stop_source stop_{};  // of the holder; guarded by mutex_
};

// Only its holder may change the upload's files.
class UploadLock {
 public:
    // Takes it if it is free.
    explicit UploadLock(Upload& upload);
    // Asks the holder to stop, through its stop(), and waits for a short time.
    UploadLock(Upload& upload, std::chrono::milliseconds patience);
    ~UploadLock();
    UploadLock(const UploadLock&) = delete;
    UploadLock& operator=(const UploadLock&) = delete;

    bool held() const { return held_; }
    std::stop_token stop() const { return stop_; }

 private:
    void take();  // upload_.mutex_ is held

    Upload& upload_;
    bool held_ = false;
    std::stop_token stop_{};
};

}  // namespace sheafline
