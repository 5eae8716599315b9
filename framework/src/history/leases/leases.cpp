#include "history/leases/leases.h"

#include <condition_variable>
#include <utility>
#include <vector>

#include <sheafline/error.h>

#include "base/sql/statement.h"
#include "base/sql/transaction.h"
#include "history/stores/open_history.h"
#include "history/text_list.h"

namespace sheafline {

namespace {

constexpr std::chrono::seconds kRenewal{3};
constexpr std::chrono::milliseconds kLookForEnds{500};
constexpr const char* kLeaseEnd = "clock_timestamp() + interval '10 s'";
constexpr const char* kTake =
    "INSERT INTO leases(name, owner, epoch, lease_until) VALUES(?1, ?2, 1, clock_timestamp() + "
    "interval '10 s') ON CONFLICT(name) DO UPDATE SET owner = excluded.owner, epoch = leases.epoch "
    "+ 1, lease_until = excluded.lease_until, reason = '' WHERE leases.lease_until <= "
    "clock_timestamp() RETURNING epoch";

// Claims of several servers one after the other, or two of them could exceed a user's share.
constexpr const char* kClaimLock = "SELECT pg_advisory_xact_lock(358497927240)";

// Neither given to a server nor held by one whose lease is valid. An interrupted batch whose owner
// gave it back waits for a person.
constexpr const char* kFree =
    "(b.state IN ('queued', 'cancelling', 'running', 'retrying') AND (l.name IS NULL OR "
    "l.lease_until <= clock_timestamp()) OR b.state = 'interrupted' AND (l.name IS NULL OR "
    "isfinite(l.lease_until) AND l.lease_until <= clock_timestamp()))";

constexpr const char* kCandidates =
    "SELECT b.batch_id, b.\"user\", coalesce(l.reason, ''), CASE WHEN isfinite(l.lease_until) "
    "THEN 1 ELSE 0 END, EXISTS(SELECT 1 FROM stage_runs s WHERE s.batch_id = b.batch_id AND "
    "s.execution = b.execution)::int "
    "FROM batches b LEFT JOIN leases l ON l.name = 'batch/' || b.batch_id "
    "LEFT JOIN (SELECT r.\"user\" AS name, count(*) AS batches FROM leases v JOIN batches r ON "
    "v.name = 'batch/' || r.batch_id WHERE v.lease_until > clock_timestamp() GROUP BY r.\"user\") "
    "w ON w.name = b.\"user\" LEFT JOIN turns t ON t.\"user\" = b.\"user\" WHERE ";

constexpr const char* kFairOrder =
    " AND coalesce(w.batches, 0) < ?1 ORDER BY coalesce(w.batches, 0), t.served_at NULLS FIRST, "
    "b.created_ms, b.rowid LIMIT 1 FOR UPDATE OF b SKIP LOCKED";

}  // namespace

Leases::Leases(const sql::Place& place, std::string owner_id, std::string name, Log& log)
    : owner_id_(std::move(owner_id)),
      name_(std::move(name)),
      log_(log),
      claims_(openHistory(place)),
      renewals_(openHistory(place)) {
    // A server that is stopped in a claim must not stop the renewals of this one.
    renewals_->execute("SET lock_timeout = '2s'");
    renew();
    thread_ = std::jthread([this](const std::stop_token& stop) { keepLoop(stop); });
}

Leases::~Leases() {
    listen({});
    thread_.request_stop();
    thread_.join();
    try {
        sql::Statement(*renewals_,
                       "UPDATE leases SET lease_until = '-infinity' WHERE owner = ?1 AND "
                       "lease_until > clock_timestamp()")
            .bind(1, owner_id_)
            .run();
        sql::Statement(*renewals_, "DELETE FROM servers WHERE owner = ?1").bind(1, owner_id_).run();
    } catch (const Error& error) {
        log_.warning(std::string("the leases of this server run out by themselves: ") +
                     error.what());
    }
}

void Leases::listen(Listener listener) {
    const std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
}

std::optional<ClaimedBatch> Leases::claimNext(std::size_t most_of_user,
                                              const std::set<std::string>& not_these) {
    return claimOne(std::string(kFree) + " AND b.batch_id NOT IN (SELECT value FROM json_each(?2))",
                    most_of_user, jsonArray({not_these.begin(), not_these.end()}));
}

std::optional<ClaimedBatch> Leases::claim(const std::string& batch_id) {
    return claimOne(
        "(l.name IS NULL OR l.lease_until <= clock_timestamp()) AND b.batch_id IN (SELECT value "
        "FROM json_each(?2))",
        static_cast<std::size_t>(INT32_MAX), jsonArray({batch_id}));
}

std::optional<ClaimedBatch> Leases::claimOne(const std::string& condition, std::size_t most_of_user,
                                             const std::string& ids) {
    const std::lock_guard claiming(claims_mutex_);
    sql::Database& database = *claims_;
    ClaimedBatch claimed;
    const auto asked = Clock::now();
    sql::Transaction transaction(database);
    database.execute(kClaimLock);
    {
        sql::Statement find(database, kCandidates + condition + kFairOrder);
        find.bind(1, static_cast<std::uint64_t>(most_of_user)).bind(2, ids);
        if (!find.step()) return std::nullopt;
        claimed = {.batch_id = find.text(0), .user = find.text(1)};
        const bool lost = find.integer(3) != 0;
        const bool began = find.integer(4) != 0;
        if (lost && began)
            claimed.resumed_because = "its server stopped answering";
        else
            claimed.resumed_because = find.text(2);
        find.reset();
    }
    const std::string name = batchLease(claimed.batch_id);
    sql::Statement take(database, kTake);
    if (!take.bind(1, name).bind(2, owner_id_).step()) return std::nullopt;
    claimed.epoch = take.integer(0);
    take.reset();
    sql::Statement(database,
                   "INSERT INTO turns VALUES(?1, clock_timestamp()) ON CONFLICT(\"user\") DO "
                   "UPDATE SET served_at = excluded.served_at")
        .bind(1, claimed.user)
        .run();
    transaction.commit();
    hold(name, claimed.epoch, asked);
    return claimed;
}

void Leases::hold(const std::string& name, std::int64_t epoch, Clock::time_point asked) {
    const std::lock_guard lock(mutex_);
    held_[name] = {.epoch = epoch, .since = Clock::now(), .until = asked + kLease};
}

// It is not known when exactly the lease began, but the next renewal comes soon.
void Leases::keep(const std::string& name, std::int64_t epoch) {
    hold(name, epoch, Clock::now() - kLease + kRenewal + kRenewal);
}

bool Leases::take(const std::string& name) {
    const std::lock_guard claiming(claims_mutex_);
    const auto asked = Clock::now();
    sql::Statement take(*claims_, kTake);
    if (!take.bind(1, name).bind(2, owner_id_).step()) return false;
    hold(name, take.integer(0), asked);
    return true;
}

void Leases::giveBack(const std::string& name, const std::string& reason) {
    std::int64_t epoch = 0;
    {
        const std::lock_guard lock(mutex_);
        const auto held = held_.find(name);
        if (held == held_.end()) return;
        epoch = held->second.epoch;
        held_.erase(held);
    }
    const std::lock_guard claiming(claims_mutex_);
    sql::Statement(*claims_,
                   "UPDATE leases SET lease_until = '-infinity', reason = CASE WHEN ?4 = '' THEN "
                   "reason ELSE ?4 END WHERE name = ?1 AND owner = ?2 AND epoch = ?3")
        .bind(1, name)
        .bind(2, owner_id_)
        .bind(3, epoch)
        .bind(4, reason)
        .run();
}

bool Leases::holds(const std::string& name) { return epochOf(name) != 0; }

std::int64_t Leases::epochOf(const std::string& name) {
    const std::lock_guard lock(mutex_);
    const auto held = held_.find(name);
    return held != held_.end() && Clock::now() < held->second.until ? held->second.epoch : 0;
}

void Leases::keepLoop(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    auto next = Clock::now() + kRenewal;
    bool failing = false;
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex);
            never.wait_for(lock, stop, kLookForEnds, [] { return false; });
        }
        if (stop.stop_requested()) return;
        if (Clock::now() >= next) {
            try {
                renew();
                endStuckTransactions();
                next = Clock::now() + kRenewal;
                if (std::exchange(failing, false)) log_.info("the leases are renewed again");
            } catch (const Error& error) {  // tried again at the next look
                if (!std::exchange(failing, true))
                    log_.warning(std::string("the leases of this server cannot be renewed: ") +
                                 error.what());
            }
        }
        dropExpired();
    }
}

void Leases::renew() {
    const auto asked = Clock::now();
    sql::Statement(*renewals_,
                   std::string("INSERT INTO servers VALUES(?1, ?2, clock_timestamp(), ") +
                       kLeaseEnd +
                       ") ON CONFLICT(owner) DO UPDATE SET lease_until = excluded.lease_until")
        .bind(1, owner_id_)
        .bind(2, name_)
        .run();
    sql::Statement update(*renewals_,
                          std::string("UPDATE leases SET lease_until = ") + kLeaseEnd +
                              " WHERE owner = ?1 AND lease_until > clock_timestamp() RETURNING "
                              "name, epoch");
    update.bind(1, owner_id_);
    std::map<std::string, std::int64_t> renewed;
    while (update.step()) renewed[update.text(0)] = update.integer(1);
    const std::lock_guard lock(mutex_);
    for (auto& [name, held] : held_) {
        const auto found = renewed.find(name);
        if (found != renewed.end() && found->second == held.epoch) {
            held.until = asked + kLease;
            if (listener_.renewed) listener_.renewed(name, held.until);
        } else if (held.since < asked) {  // not one that was claimed meanwhile
            held.until = {};
        }
    }
}

// A server that was stopped in a transaction still holds its locks, and all others wait for them.
void Leases::endStuckTransactions() {
    sql::Statement end(
        *renewals_,
        "SELECT application_name, pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE "
        "datname = current_database() AND usename = current_user AND pid <> pg_backend_pid() AND "
        "application_name LIKE 'sheafline on %' AND wait_event = 'ClientRead' AND xact_start < "
        "clock_timestamp() - interval '6 s' AND state_change < clock_timestamp() - interval '6 s'");
    while (end.step())
        log_.warning("ended the transaction of " + end.text(0) +
                     ", which had not moved for 6 s; it repeats it if it still runs");
}

void Leases::dropExpired() {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    for (auto held = held_.begin(); held != held_.end();) {
        if (now < held->second.until) {
            ++held;
            continue;
        }
        log_.warning("lost the lease of " + held->first);
        if (listener_.lost) listener_.lost(held->first);
        held = held_.erase(held);
    }
}

}  // namespace sheafline
