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

// An upload as it is stored.
struct KnownUpload {
    UploadInfo info{};
    std::uint64_t durable = 0;
    UploadState state = UploadState::open;
};

class SharedUploads;

class Upload {
 public:
    // `shared` is null if this server alone has the uploads. Otherwise all changes are stored
    // there, and throw Error (UPLOAD_TAKEN_OVER) if another server has the lock by now.
    Upload(std::filesystem::path folder, KnownUpload known, SharedUploads* shared = nullptr);

    const std::filesystem::path& folder() const { return folder_; }
    UploadInfo info() const;
    UploadState state() const;
    std::uint64_t durable() const;
    UploadResult result(UploadOutcome outcome) const;  // with the current state

    // Only the holder of the lock calls these.
    void stored(std::uint64_t durable);  // sets the number of durable bytes
    void complete();                     // the durable bytes are the whole upload
    void enter(UploadState state);
    void forget();  // removes it from the shared uploads

    // What another server has stored; ignored while this server has the lock.
    void refresh(const KnownUpload& known);
    bool isShared() const { return shared_ != nullptr; }

 private:
    const std::filesystem::path folder_;
    mutable std::mutex mutex_;
    UploadInfo info_;        // guarded by mutex_
    std::uint64_t durable_;  // guarded by mutex_
    UploadState state_;      // guarded by mutex_
    SharedUploads* const shared_;
    std::int64_t epoch_ = 0;  // of the lock among all servers; guarded by mutex_

    void share(std::int64_t epoch, const KnownUpload& known) const;
    std::int64_t epoch() const;

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
    bool isValid() const;  // false if another server may have taken it over
    std::stop_token stop() const { return stop_; }

 private:
    void take();  // upload_.mutex_ is held
    void takeFromServers(std::chrono::milliseconds patience);
    void letGo();

    Upload& upload_;
    bool held_ = false;
    std::stop_token stop_{};
    std::int64_t epoch_ = 0;
};

}  // namespace sheafline
