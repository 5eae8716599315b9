// ID/info.json  what the upload is; the last file to come and the first to go, so a folder without
//               it is what a crash left
// ID/part       the bytes, until they are handed over
// ID/offset     how many of them are durable (upload_file.cpp)
#include "uploads/upload_store.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <sodium.h>
#include <sys/statvfs.h>
#include <utility>

#include <sheafline/copy_file.h>
#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>

#include "uploads/upload.h"
#include "uploads/upload_file.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

fs::path infoFile(const fs::path& folder) { return folder / "info.json"; }

// The id becomes the name of a folder.
void requireId(std::string_view id) {
    const auto isLetterOrDigit = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    };
    if (!id.empty() && id.size() <= 64 && isLetterOrDigit(id[0]) &&
        std::ranges::all_of(id,
                            [&](char c) { return isLetterOrDigit(c) || c == '_' || c == '-'; })) {
        return;
    }
    throw Error(ErrorClass::permanent, "BATCH_ID", "this is not the id of a batch");
}

std::uint64_t freeBytesOf(const fs::path& folder) {
    struct statvfs status {};
    if (::statvfs(folder.c_str(), &status) != 0)
        throwSystemError(errno, "cannot determine the free space");
    return std::uint64_t{status.f_bavail} * status.f_frsize;
}

void removeFolder(const fs::path& folder) {
    std::error_code error;
    if (fs::remove(infoFile(folder), error)) syncFolder(folder);
    fs::remove_all(folder, error);
    if (error) throwSystemError(error.value(), "cannot remove an upload");
    syncFolder(folder.parent_path());
}

}  // namespace

UploadStore::UploadStore(fs::path folder, UploadLimits limits, UploadClocks clocks,
                         OnChunk on_chunk, Log& log, std::function<std::uint64_t()> free_bytes)
    : folder_(std::move(folder)),
      limits_(limits),
      clocks_(std::move(clocks)),
      on_chunk_(std::move(on_chunk)),
      log_(log),
      free_bytes_(free_bytes ? std::move(free_bytes) : [this] { return freeBytesOf(folder_); }) {
    std::error_code error;
    if (fs::create_directories(folder_, error)) syncFolder(folder_.parent_path());
    if (error) throwSystemError(error.value(), "cannot create the folder of uploads");
    for (const auto& entry : fs::directory_iterator(folder_)) {
        try {
            if (entry.is_directory()) load(entry.path());
        } catch (const Error& damage) {
            log_.error(damage.what());  // one upload that cannot be read does not stop the others
        }
    }
}

UploadStore::~UploadStore() = default;

void UploadStore::load(const fs::path& folder) {
    if (!fs::exists(infoFile(folder))) return removeFolder(folder);
    UploadInfo info = readUploadInfo(infoFile(folder));
    // An upload without a declared length exists only during its request.
    if (!info.length) return removeFolder(folder);
    const std::string id = info.id;
    UploadState state = UploadState::gone;
    std::uint64_t durable = 0;
    if (!info.gone) {
        durable = UploadFile::durableIn(folder);
        const bool whole = durable == info.length;
        const bool here = fs::exists(UploadFile::bytesIn(folder));
        if (here) state = whole ? UploadState::complete : UploadState::open;
        if (!here && whole) state = UploadState::handed_over;
    }
    if (state == UploadState::gone) info.gone = true;  // its bytes were lost on the disk
    uploads_.emplace(id, std::make_shared<Upload>(folder, std::move(info), durable, state));
}

UploadStore::UploadPtr UploadStore::find(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find(id);
    return found == uploads_.end() ? nullptr : found->second;
}

UploadStore::UploadPtr UploadStore::findOf(const std::string& id, std::string_view owner) const {
    UploadPtr upload = find(id);
    return upload && upload->info().owner == owner ? upload : nullptr;
}

std::vector<UploadStore::UploadPtr> UploadStore::all() const {
    const std::lock_guard lock(mutex_);
    std::vector<UploadPtr> list;
    for (const auto& [id, upload] : uploads_) list.push_back(upload);
    return list;
}

UploadResult UploadStore::create(const NewUpload& upload, const StoredBytes& stored) {
    requireId(upload.id);
    const std::lock_guard creating(create_mutex_);
    if (const UploadPtr existing = find(upload.id)) {
        if (existing->info().owner != upload.owner) return {.outcome = UploadOutcome::exists};
        return existing->result(UploadOutcome::exists);
    }
    if (!upload.length && upload.sha256.empty()) return {.outcome = UploadOutcome::length_required};
    if (upload.length == 0) return {.outcome = UploadOutcome::empty};
    std::uint64_t at_most = 0;
    const UploadOutcome room = roomFor(upload, stored, at_most);
    if (room != UploadOutcome::ok) return {.outcome = room};

    const std::int64_t now = clocks_.wall_seconds();
    const UploadInfo info{.id = upload.id,
                          .owner = upload.owner,
                          .length = upload.length,
                          .at_most = at_most,
                          .metadata = upload.metadata,
                          .sha256 = upload.sha256,
                          .created_at = now,
                          .expires_at = now + limits_.lifetime_seconds};
    const fs::path folder = folder_ / upload.id;
    std::error_code error;
    if (!fs::create_directory(folder, error) && !error) return {.outcome = UploadOutcome::exists};
    try {
        if (error) throwSystemError(error.value(), "cannot create an upload");
        UploadFile::create(folder);
        faultPoint("upload.create");
        writeUploadInfo(infoFile(folder), info);
        syncFolder(folder_);
    } catch (const Error& failure) {
        fs::remove_all(folder, error);
        if (failure.code() == "DISK_FULL") return {.outcome = UploadOutcome::no_space};
        throw;
    }
    const auto made = std::make_shared<Upload>(folder, info, 0, UploadState::open);
    const std::lock_guard lock(mutex_);
    uploads_.emplace(upload.id, made);
    return made->result(UploadOutcome::ok);
}

// The outcome for an upload that accepts no more bytes; empty for others.
std::optional<UploadOutcome> UploadStore::ending(const Upload& upload) const {
    const UploadState state = upload.state();
    if (state == UploadState::gone) return UploadOutcome::gone;
    if (state != UploadState::open) return UploadOutcome::ok;
    if (clocks_.wall_seconds() >= upload.info().expires_at) return UploadOutcome::gone;
    return std::nullopt;
}

UploadResult UploadStore::head(const std::string& id, std::string_view owner) {
    const UploadPtr upload = findOf(id, owner);
    if (!upload) return {.outcome = UploadOutcome::not_found};
    if (const auto outcome = ending(*upload)) return upload->result(*outcome);
    const UploadLock lock(*upload, std::chrono::milliseconds(limits_.patience_ms));
    if (!lock.held()) return upload->result(UploadOutcome::locked);
    return upload->result(ending(*upload).value_or(UploadOutcome::ok));
}

AppendStart UploadStore::append(const std::string& id, std::string_view owner,
                                const AppendOptions& options) {
    const UploadPtr upload = findOf(id, owner);
    if (!upload) return {.result = {.outcome = UploadOutcome::not_found}};
    const auto answer = [&](UploadOutcome outcome) {
        return AppendStart{.result = upload->result(outcome)};
    };
    const auto ended = ending(*upload);
    if (ended == UploadOutcome::gone) return answer(*ended);
    // An offset only grows, so a late request never matches and has no effect.
    if (options.offset < upload->durable()) return answer(UploadOutcome::offset_mismatch);
    auto lock =
        std::make_unique<UploadLock>(*upload, std::chrono::milliseconds(limits_.patience_ms));
    if (!lock->held()) return answer(UploadOutcome::locked);
    if (upload->state() == UploadState::gone) return answer(UploadOutcome::gone);
    if (options.offset != upload->durable()) return answer(UploadOutcome::offset_mismatch);
    if (options.body_bytes.value_or(0) > upload->info().at_most - options.offset) {
        return answer(UploadOutcome::excess);
    }
    if (upload->state() != UploadState::open) return answer(UploadOutcome::ok);
    try {
        auto session = sessionOf(upload, std::move(lock), options);
        return {.result = upload->result(UploadOutcome::ok), .session = std::move(session)};
    } catch (const Error& damage) {
        if (damage.code() != "UPLOAD_DAMAGED" && damage.code() != "NOT_FOUND") throw;
        log_.error(damage.what());
        upload->enter(UploadState::gone);
        return answer(UploadOutcome::gone);
    }
}

std::unique_ptr<AppendSession> UploadStore::sessionOf(const UploadPtr& upload,
                                                      std::unique_ptr<UploadLock> lock,
                                                      const AppendOptions& options) {
    const UploadInfo info = upload->info();
    const ChunkSlices slices(info.length.value_or(0), limits_.slice_bytes);
    AppendOrders orders{
        .limits = limits_,
        .announced_chunks =
            options.announced_chunks ? options.announced_chunks() : slices.wholeIn(options.offset),
        .checksum = options.checksum,
        .on_stored = [this](std::uint64_t bytes) { stored_bytes_ += bytes; },
        .on_chunk = [this, id = info.id](const UploadChunk& chunk) { on_chunk_(id, chunk); },
        .steady_ms = clocks_.steady_ms,
        .free_bytes = free_bytes_};
    return std::make_unique<AppendSession>(upload, std::move(lock), std::move(orders));
}

UploadResult UploadStore::remove(const std::string& id, std::string_view owner) {
    const UploadPtr upload = findOf(id, owner);
    if (!upload) return {.outcome = UploadOutcome::not_found};
    const UploadLock lock(*upload, std::chrono::milliseconds(limits_.patience_ms));
    if (!lock.held()) return upload->result(UploadOutcome::locked);
    if (upload->state() == UploadState::gone) return upload->result(UploadOutcome::gone);
    forget(*upload);
    return {.outcome = UploadOutcome::ok};
}

std::vector<UploadInfo> UploadStore::completed() const {
    std::vector<UploadInfo> list;
    for (const UploadPtr& upload : all()) {
        if (upload->state() == UploadState::complete) list.push_back(upload->info());
    }
    return list;
}

std::optional<UploadInfo> UploadStore::info(const std::string& id) const {
    const UploadPtr upload = find(id);
    return upload ? std::optional(upload->info()) : std::nullopt;
}

bool UploadStore::isWhole(const std::string& id) const {
    const UploadPtr upload = find(id);
    return upload && upload->result(UploadOutcome::ok).complete;
}

std::size_t UploadStore::open() const {
    const auto list = all();
    return static_cast<std::size_t>(std::ranges::count_if(
        list, [](const UploadPtr& upload) { return upload->state() == UploadState::open; }));
}

// Deletes the bytes, but remembers for some time that the upload existed. Its lock is held.
void UploadStore::markGone(Upload& upload) {
    upload.enter(UploadState::gone);
    writeUploadInfo(infoFile(upload.folder()), upload.info());
    std::error_code ignored;  // the next sweep removes the rest
    fs::remove(UploadFile::bytesIn(upload.folder()), ignored);
    fs::remove(upload.folder() / "offset", ignored);
}

void UploadStore::forget(Upload& upload) {
    upload.enter(UploadState::gone);
    removeFolder(upload.folder());
    const std::lock_guard lock(mutex_);
    uploads_.erase(upload.info().id);
}

void UploadStore::sweepOne(Upload& upload) {
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
}

}  // namespace sheafline
