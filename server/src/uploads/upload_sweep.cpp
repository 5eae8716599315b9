// The ends of uploads: those that expire, are cancelled, or were left by a killed server.
#include <chrono>
#include <filesystem>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>

#include "uploads/upload.h"
#include "uploads/upload_file.h"
#include "uploads/upload_store.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kOldFolder{24};

}  // namespace

void removeUpload(const fs::path& folder) {
    std::error_code error;
    if (fs::remove(uploadInfoFile(folder), error)) syncFolder(folder);
    fs::remove_all(folder, error);
    if (error) throwSystemError(error.value(), "cannot remove an upload");
    syncFolder(folder.parent_path());
}

// Deletes the bytes, but remembers for some time that the upload existed. Its lock is held.
void UploadStore::markGone(Upload& upload) {
    upload.enter(UploadState::gone);
    if (!shared_) writeUploadInfo(uploadInfoFile(upload.folder()), upload.info());
    std::error_code ignored;  // the next sweep removes the rest
    fs::remove(UploadFile::bytesIn(upload.folder()), ignored);
    fs::remove(upload.folder() / "offset", ignored);
}

void UploadStore::forget(Upload& upload) {
    upload.forget();
    removeUpload(upload.folder());
    const std::lock_guard lock(mutex_);
    uploads_.erase(upload.info().id);
}

// So that not every server takes the lock of every upload.
bool UploadStore::isDue(const Upload& upload) const {
    const std::int64_t expired_for = clocks_.wall_seconds() - upload.info().expires_at;
    const UploadState state = upload.state();
    if (state == UploadState::gone)
        return expired_for >= limits_.gone_seconds ||
               fs::exists(UploadFile::bytesIn(upload.folder()));
    return state != UploadState::complete && expired_for >= 0;
}

// Folders without a shared upload are what a killed server left.
void UploadStore::sweepFolders() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
        const auto age = fs::file_time_type::clock::now() - fs::last_write_time(entry, ignored);
        if (age > kOldFolder && !shared_->find(entry.path().filename().string()))
            removeUpload(entry.path());
    }
}

void UploadStore::sweepOne(Upload& upload) {
    if (!isDue(upload)) return;
    const UploadLock lock(upload);
    if (!lock.held()) return;  // a running PATCH is not cut
    const std::int64_t expired_for = clocks_.wall_seconds() - upload.info().expires_at;
    switch (upload.state()) {
        case UploadState::complete:
            return;  // its batch will take it
        case UploadState::open:
            if (expired_for >= 0) markGone(upload);
            return;
        case UploadState::handed_over:
            if (expired_for >= 0) forget(upload);
            return;
        case UploadState::gone:
            if (expired_for >= limits_.gone_seconds) return forget(upload);
            if (fs::exists(UploadFile::bytesIn(upload.folder()))) markGone(upload);
            return;
    }
}

void UploadStore::sweep() {
    for (const UploadPtr& upload : all()) {
        try {
            sweepOne(*upload);
        } catch (const Error& error) {
            log_.warning(error.what());  // the next sweep tries again
        }
    }
    if (shared_) sweepFolders();
}

}  // namespace sheafline
