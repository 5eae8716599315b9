#include "uploads/shared/shared_uploads.h"

#include <set>
#include <utility>

#include <sheafline/error.h>

#include "base/clocks.h"
#include "base/sql/statement.h"
#include "base/sql/transaction.h"
#include "history/stores/open_history.h"

namespace sheafline {

namespace {

using std::chrono::milliseconds;

// A server stops to write a second before another one may begin.
constexpr std::int64_t kOwnLeaseMs = 9'000;
constexpr milliseconds kRenewal{500};
constexpr milliseconds kPause{50};
constexpr const char* kLease = "clock_timestamp() + interval '10 seconds'";
// One server at a time adds an upload, so that free space is promised only once.
constexpr const char* kLock = "SELECT 1 FROM pg_advisory_xact_lock(357694783816)";
constexpr const char* kUploadColumns =
    "id, owner, length, at_most, metadata, sha256, created_at, expires_at, state, durable";

std::string_view nameOf(UploadState state) {
    switch (state) {
        case UploadState::open:
            return "open";
        case UploadState::complete:
            return "complete";
        case UploadState::handed_over:
            return "handed_over";
        case UploadState::gone:
            return "gone";
    }
    return "";
}

UploadState stateNamed(const std::string& name) {
    for (const auto state : {UploadState::open, UploadState::complete, UploadState::handed_over})
        if (nameOf(state) == name) return state;
    return UploadState::gone;
}

KnownUpload uploadIn(const sql::Statement& row) {
    KnownUpload upload{.info = {.id = row.text(0),
                                .owner = row.text(1),
                                .at_most = static_cast<std::uint64_t>(row.integer(3)),
                                .metadata = row.text(4),
                                .sha256 = row.text(5),
                                .created_at = row.integer(6),
                                .expires_at = row.integer(7)},
                       .durable = static_cast<std::uint64_t>(row.integer(9)),
                       .state = stateNamed(row.text(8))};
    if (!row.isNull(2)) upload.info.length = static_cast<std::uint64_t>(row.integer(2));
    upload.info.gone = upload.state == UploadState::gone;
    return upload;
}

std::vector<KnownUpload> allIn(sql::Database& database) {
    sql::Statement rows(database,
                        std::string("SELECT ") + kUploadColumns + " FROM uploads ORDER BY id");
    std::vector<KnownUpload> list;
    while (rows.step()) list.push_back(uploadIn(rows));
    return list;
}

[[noreturn]] void takenOver(const std::string& id) {
    throw Error(ErrorClass::transient, "UPLOAD_TAKEN_OVER",
                "the upload " + id + " continues on another server");
}

}  // namespace

void insertUpload(sql::Database& database, const KnownUpload& upload) {
    const UploadInfo& info = upload.info;
    sql::Statement(database,
                   "INSERT INTO uploads(id, owner, length, at_most, metadata, sha256, created_at, "
                   "expires_at, state, durable) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON "
                   "CONFLICT DO NOTHING")
        .bind(1, info.id)
        .bind(2, info.owner)
        .bind(3, info.length)
        .bind(4, info.at_most)
        .bind(5, info.metadata)
        .bind(6, info.sha256)
        .bind(7, info.created_at)
        .bind(8, info.expires_at)
        .bind(9, nameOf(upload.state))
        .bind(10, upload.durable)
        .run();
}

SharedUploads::SharedUploads(const std::string& url, std::string holder)
    : holder_(std::move(holder)),
      database_(openTables(url)),
      keeper_([this](const std::stop_token& stop) { keep(stop); }) {}

SharedUploads::~SharedUploads() = default;

std::optional<KnownUpload> SharedUploads::find(const std::string& id) {
    const std::lock_guard lock(database_mutex_);
    sql::Statement row(*database_,
                       std::string("SELECT ") + kUploadColumns + " FROM uploads WHERE id = ?1");
    if (!row.bind(1, id).step()) return std::nullopt;
    return uploadIn(row);
}

std::vector<KnownUpload> SharedUploads::all() {
    const std::lock_guard lock(database_mutex_);
    return allIn(*database_);
}

UploadOutcome SharedUploads::add(UploadInfo info, const Admit& admit) {
    const std::lock_guard lock(database_mutex_);
    return sql::transact(*database_, [&] {
        sql::integerOf(*database_, kLock);
        const UploadOutcome outcome = admit(info, allIn(*database_));
        if (outcome != UploadOutcome::ok) return outcome;
        insertUpload(*database_, {.info = info});
        return database_->changes() == 1 ? UploadOutcome::ok : UploadOutcome::exists;
    });
}

SharedUploads::Taken SharedUploads::take(const std::string& id, const std::stop_source& stop,
                                         milliseconds patience) {
    const bool waits = patience.count() > 0;
    const std::int64_t deadline = bootMs() + patience.count();
    while (true) {
        Taken taken = tryTake(id, stop, waits);
        if (taken.held || !taken.upload || bootMs() >= deadline) return taken;
        std::this_thread::sleep_for(kPause);
    }
}

SharedUploads::Taken SharedUploads::tryTake(const std::string& id, const std::stop_source& stop,
                                            bool ask) {
    const std::int64_t begin_ms = bootMs();
    const std::lock_guard lock(database_mutex_);
    sql::Statement row(
        *database_,
        std::string(
            "UPDATE uploads SET holder = ?2, epoch = epoch + 1, wanted = 0, held_until = ") +
            kLease + " WHERE id = ?1 AND held_until <= clock_timestamp() RETURNING " +
            kUploadColumns + ", epoch");
    if (row.bind(1, id).bind(2, holder_).step()) {
        const Taken taken{.held = true, .epoch = row.integer(10), .upload = uploadIn(row)};
        const std::lock_guard held(mutex_);
        held_[id] = {.epoch = taken.epoch, .until_ms = begin_ms + kOwnLeaseMs, .stop = stop};
        changed_.notify_all();
        return taken;
    }
    if (ask) {
        sql::Statement(
            *database_,
            "UPDATE uploads SET wanted = 1 WHERE id = ?1 AND holder != ?2 AND wanted = 0")
            .bind(1, id)
            .bind(2, holder_)
            .run();
    }
    sql::Statement there(*database_,
                         std::string("SELECT ") + kUploadColumns + " FROM uploads WHERE id = ?1");
    if (!there.bind(1, id).step()) return {};
    return {.upload = uploadIn(there)};
}

bool SharedUploads::holds(const std::string& id, std::int64_t epoch) {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(id);
    return found != held_.end() && found->second.epoch == epoch &&
           bootMs() < found->second.until_ms;
}

void SharedUploads::requireHeld(const std::string& id, std::int64_t epoch) {
    if (!holds(id, epoch)) takenOver(id);
}

void SharedUploads::store(const std::string& id, std::int64_t epoch, const Progress& progress) {
    requireHeld(id, epoch);
    const std::lock_guard lock(database_mutex_);
    sql::Statement(*database_,
                   "UPDATE uploads SET durable = ?3, state = ?4, length = COALESCE(?5, length) "
                   "WHERE id = ?1 AND epoch = ?2 AND held_until > clock_timestamp()")
        .bind(1, id)
        .bind(2, epoch)
        .bind(3, progress.durable)
        .bind(4, nameOf(progress.state))
        .bind(5, progress.length)
        .run();
    if (database_->changes() != 1) takenOver(id);
}

void SharedUploads::remove(const std::string& id, std::int64_t epoch) {
    requireHeld(id, epoch);
    const std::lock_guard lock(database_mutex_);
    sql::Statement(*database_, "DELETE FROM uploads WHERE id = ?1 AND epoch = ?2")
        .bind(1, id)
        .bind(2, epoch)
        .run();
}

void SharedUploads::release(const std::string& id, std::int64_t epoch) noexcept {
    {
        const std::lock_guard lock(mutex_);
        const auto found = held_.find(id);
        if (found != held_.end() && found->second.epoch == epoch) held_.erase(found);
    }
    try {
        const std::lock_guard lock(database_mutex_);
        sql::Statement(*database_,
                       "UPDATE uploads SET held_until = '-infinity', wanted = 0 WHERE id = ?1 AND "
                       "epoch = ?2")
            .bind(1, id)
            .bind(2, epoch)
            .run();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the lease runs out
    }
}

// As JSON. Only these are renewed: a lock whose answer was lost with the connection runs out.
std::string SharedUploads::heldIds() {
    const std::lock_guard lock(mutex_);
    std::string ids;
    for (const auto& [id, held] : held_) ids += (ids.empty() ? "\"" : ",\"") + id + '"';
    return "[" + ids + "]";
}

void SharedUploads::renew() {
    const std::int64_t begin_ms = bootMs();
    std::map<std::string, std::pair<std::int64_t, bool>> renewed;  // the epoch, and who wants it
    const std::string ids = heldIds();
    {
        const std::lock_guard lock(database_mutex_);
        sql::Statement rows(*database_, std::string("UPDATE uploads SET held_until = ") + kLease +
                                            " WHERE holder = ?1 AND held_until > clock_timestamp() "
                                            "AND id IN (SELECT value FROM json_each(?2)) "
                                            "RETURNING id, epoch, wanted");
        rows.bind(1, holder_).bind(2, ids);
        while (rows.step()) renewed[rows.text(0)] = {rows.integer(1), rows.integer(2) != 0};
    }
    std::vector<std::stop_source> stops;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [id, held] : held_) {
            const auto found = renewed.find(id);
            const bool mine = found != renewed.end() && found->second.first == held.epoch;
            if (mine) held.until_ms = begin_ms + kOwnLeaseMs;
            const bool lost = !mine && bootMs() >= held.until_ms;
            if (lost || (mine && found->second.second)) stops.push_back(held.stop);
        }
    }
    for (std::stop_source& stop : stops) stop.request_stop();  // runs callbacks of the holder
}

void SharedUploads::keep(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        changed_.wait(lock, stop, [this] { return !held_.empty(); });
        if (stop.stop_requested()) return;
        changed_.wait_for(lock, stop, kRenewal, [] { return false; });
        if (held_.empty()) continue;
        lock.unlock();
        try {
            renew();
        } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): the lease may run out,
            // and holds() says so
        }
        lock.lock();
    }
}

}  // namespace sheafline
