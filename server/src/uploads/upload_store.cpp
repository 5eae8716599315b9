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

}  // namespace

UploadStore::UploadStore(fs::path folder, UploadLimits limits, UploadClocks clocks,
                         OnChunk on_chunk, Log& log, std::function<std::uint64_t()> free_bytes,
                         std::unique_ptr<SharedUploads> shared)
    : folder_(std::move(folder)),
      limits_(limits),
      clocks_(std::move(clocks)),
      on_chunk_(std::move(on_chunk)),
      log_(log),
      free_bytes_(free_bytes ? std::move(free_bytes) : [this] { return freeBytesOf(folder_); }),
      shared_(std::move(shared)) {
    std::error_code error;
    if (fs::create_directories(folder_, error)) syncFolder(folder_.parent_path());
    if (error) throwSystemError(error.value(), "cannot create the folder of uploads");
    if (shared_) return;
    for (const auto& entry : fs::directory_iterator(folder_)) {
        try {
            if (entry.is_directory()) load(entry.path());
        } catch (const Error& damage) {
            log_.error(damage.what());  // one upload that cannot be read does not stop the others
        }
    }
}

UploadStore::~UploadStore() = default;

std::optional<KnownUpload> uploadIn(const fs::path& folder) {
    if (!fs::exists(uploadInfoFile(folder))) return std::nullopt;
    KnownUpload upload{.info = readUploadInfo(uploadInfoFile(folder)), .state = UploadState::gone};
    // An upload without a declared length exists only during its request.
    if (!upload.info.length) return std::nullopt;
    if (!upload.info.gone) {
        upload.durable = UploadFile::durableIn(folder);
        const bool whole = upload.durable == upload.info.length;
        const bool here = fs::exists(UploadFile::bytesIn(folder));
        if (here) upload.state = whole ? UploadState::complete : UploadState::open;
        if (!here && whole) upload.state = UploadState::handed_over;
    }
    upload.info.gone =
        upload.state == UploadState::gone;  // also if its bytes were lost on the disk
    return upload;
}

void UploadStore::load(const fs::path& folder) {
    const auto upload = uploadIn(folder);
    if (!upload) return removeUpload(folder);
    uploads_.emplace(upload->info.id, std::make_shared<Upload>(folder, *upload));
}

UploadStore::UploadPtr UploadStore::find(const std::string& id) const {
    if (shared_) {
        const auto stored = shared_->find(id);
        const std::lock_guard lock(mutex_);
        if (!stored) {
            uploads_.erase(id);
            return nullptr;
        }
        UploadPtr& upload = uploads_[id];
        if (!upload) upload = std::make_shared<Upload>(folder_ / id, *stored, shared_.get());
        upload->refresh(*stored);
        return upload;
    }
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find(id);
    return found == uploads_.end() ? nullptr : found->second;
}

UploadStore::UploadPtr UploadStore::findOf(const std::string& id, std::string_view owner) const {
    UploadPtr upload = find(id);
    return upload && upload->info().owner == owner ? upload : nullptr;
}

std::vector<UploadStore::UploadPtr> UploadStore::all() const {
    std::vector<UploadPtr> list;
    if (shared_) {
        for (const KnownUpload& upload : shared_->all())
            if (UploadPtr found = find(upload.info.id)) list.push_back(std::move(found));
        return list;
    }
    const std::lock_guard lock(mutex_);
    for (const auto& [id, upload] : uploads_) list.push_back(upload);
    return list;
}

std::vector<KnownUpload> UploadStore::known() const {
    if (shared_) return shared_->all();
    std::vector<KnownUpload> list;
    for (const UploadPtr& upload : all()) {
        list.push_back(
            {.info = upload->info(), .durable = upload->durable(), .state = upload->state()});
    }
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
    const std::int64_t now = clocks_.wall_seconds();
    UploadInfo info{.id = upload.id,
                    .owner = upload.owner,
                    .length = upload.length,
                    .metadata = upload.metadata,
                    .sha256 = upload.sha256,
                    .created_at = now,
                    .expires_at = now + limits_.lifetime_seconds};
    if (!shared_) {
        const UploadOutcome room =
            roomFor(upload, stored, promised(upload.owner, known()), info.at_most);
        if (room != UploadOutcome::ok) return {.outcome = room};
    }
    const fs::path folder = folder_ / upload.id;
    std::error_code error;
    const bool is_new = fs::create_directory(folder, error);
    // With several servers, one that was lost before it added its upload may have left the folder.
    if (!is_new && !error && !shared_) return {.outcome = UploadOutcome::exists};
    const auto undo = [&] {
        std::error_code ignored;  // the sweep removes it later
        if (is_new && !find(upload.id)) fs::remove_all(folder, ignored);
    };
    try {
        if (error) throwSystemError(error.value(), "cannot create an upload");
        makeFolder(info);
        const UploadOutcome added = shared_ ? addShared(upload, stored, info) : UploadOutcome::ok;
        if (added != UploadOutcome::ok) {
            undo();
            return {.outcome = added};
        }
    } catch (const Error& failure) {
        undo();
        if (failure.code() == "DISK_FULL") return {.outcome = UploadOutcome::no_space};
        throw;
    }
    if (shared_) return find(upload.id)->result(UploadOutcome::ok);
    const auto made = std::make_shared<Upload>(folder, KnownUpload{.info = info});
    const std::lock_guard lock(mutex_);
    uploads_.emplace(upload.id, made);
    return made->result(UploadOutcome::ok);
}

void UploadStore::makeFolder(const UploadInfo& info) const {
    const fs::path folder = folder_ / info.id;
    shared_ ? UploadFile::createShared(folder) : UploadFile::create(folder);
    faultPoint("upload.create");
    if (!shared_) writeUploadInfo(uploadInfoFile(folder), info);
    syncFolder(folder_);
}

UploadOutcome UploadStore::addShared(const NewUpload& upload, const StoredBytes& stored,
                                     const UploadInfo& info) {
    return shared_->add(info, [&](UploadInfo& added, const std::vector<KnownUpload>& others) {
        return roomFor(upload, stored, promised(upload.owner, others), added.at_most);
    });
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
    // The offset that another server has stored is true, also if that server does not answer now.
    if (!lock.held()) return upload->result(shared_ ? UploadOutcome::ok : UploadOutcome::locked);
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
        const UploadLock again(*upload);  // the session had the first one
        if (again.held()) upload->enter(UploadState::gone);
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
    for (KnownUpload& upload : known()) {
        if (upload.state == UploadState::complete) list.push_back(std::move(upload.info));
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
    const auto list = known();
    return static_cast<std::size_t>(std::ranges::count_if(
        list, [](const KnownUpload& upload) { return upload.state == UploadState::open; }));
}

}  // namespace sheafline
