#include "history/postgres/postgres_store.h"

#include <algorithm>
#include <charconv>
#include <libpq-fe.h>
#include <thread>

#include <sheafline/backoff.h>
#include <sheafline/error.h>

#include "history/history_schema.h"
#include "history/postgres/postgres_rows.h"
#include "history/postgres/postgres_schema.h"
#include "history/postgres/postgres_statement.h"
#include "history/postgres/postgres_types.h"

namespace sheafline::postgres {

namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kShortPatience{5};  // a request waits for the answer
constexpr const char* kUnavailable = "HISTORY_UNAVAILABLE";
constexpr const char* kGroup = "HISTORY_GROUP";
constexpr sql::Dialect kPostgres{
    .kind = "postgresql",
    .server_version = "SHOW server_version",
    .size_bytes = "SELECT pg_database_size(current_database())",
    .last_event_id = "SELECT number FROM last_event",
    .take_event_ids = "UPDATE last_event SET number = number + ?1 RETURNING number",
    .owner_lost =
        "CASE WHEN state IN ('running', 'retrying', 'cancelling') AND "
        "EXISTS(SELECT 1 FROM leases l WHERE l.name = 'batch/' || "
        "batch_id AND isfinite(l.lease_until) AND l.lease_until <= "
        "clock_timestamp()) THEN 1 ELSE 0 END",
    .shared = true};

// ?1 becomes $1; not in a text in quotation marks.
PreparedText translated(std::string_view sql) {
    PreparedText text;
    bool quoted = false;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql[i] == '\'') quoted = !quoted;
        if (quoted || sql[i] != '?') {
            text.sql += sql[i];
            continue;
        }
        text.sql += '$';
        std::size_t number = 0;
        std::from_chars(sql.data() + i + 1, sql.data() + sql.size(), number);
        if (number > text.used.size()) text.used.resize(number);
        if (number > 0) text.used[number - 1] = true;
    }
    return text;
}

}  // namespace

PostgresStore::PostgresStore(const std::string& url, const std::string& name, Access access)
    : link_(url, name), access_(access) {
    returnToServer(waitsToRead() ? kPatience : std::chrono::seconds(0));
}

const sql::Dialect& PostgresStore::dialect() const { return kPostgres; }

int PostgresStore::version() { return kHistoryVersion; }

std::string PostgresStore::textOf(const std::string& sql) {
    link_.send(sql);
    const Result found = link_.finish();
    return PQntuples(found.get()) == 0 ? "" : PQgetvalue(found.get(), 0, 0);
}

void PostgresStore::enter() {
    in_transaction_ = false;
    if (!isReader()) {
        // A server may be configured to report a commit before it is durable.
        link_.script(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE "
            "current_setting('synchronous_commit') = 'off'");
        // All rows are found by their keys. While a table is small, the planner prefers to read
        // all of it, and would keep that plan when the table has grown. To plan or to compile a
        // statement again costs more than to run it.
        link_.script(
            "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET "
            "plan_cache_mode = force_generic_plan; SET jit = off");
        // A process that is stopped in a transaction must not hold its locks for long.
        link_.script("SET idle_in_transaction_session_timeout = '8s'");
        bringToNewest();
    } else {
        link_.script("SET default_transaction_read_only = on");
    }
    link_.script(std::string("SET search_path = ") + kSchema);
    if (isReader())
        requireNewest();
    else
        link_.script(CommitMark::kForget);
}

void PostgresStore::bringToNewest() {
    link_.script("BEGIN");
    // Two servers may start at the same moment.
    link_.script("SELECT pg_advisory_xact_lock(" + std::to_string(kMigrationLock) + ")");
    link_.script(std::string("CREATE SCHEMA IF NOT EXISTS ") + kSchema);
    link_.script(std::string("SET LOCAL search_path = ") + kSchema);
    link_.script("CREATE TABLE IF NOT EXISTS schema_version(number BIGINT NOT NULL)");
    const int version = schemaVersion();
    if (version > newestSchema()) {
        throw Error(ErrorClass::permanent, "HISTORY_TOO_NEW",
                    "the history (" + link_.place() + ") has version " + std::to_string(version) +
                        ", but this program knows version " + std::to_string(newestSchema()) +
                        " at most; run the newer program, or name another database with "
                        "--history");
    }
    if (version > 0 && version < newestSchema()) requireNoOlderServer();
    for (int next = version; next < newestSchema(); ++next) link_.script(migration(next));
    if (version < newestSchema())
        link_.script("DELETE FROM schema_version; INSERT INTO schema_version VALUES(" +
                     std::to_string(newestSchema()) + ")");
    link_.script("COMMIT");
}

// During a rolling upgrade, the older servers still write the tables as they know them.
void PostgresStore::requireNoOlderServer() {
    std::string older = textOf(
        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING(pid) WHERE "
        "locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE "
        "datname = current_database()) AND (classid::bigint << 32) + objid::bigint = " +
        std::to_string(kLockOfVersion1) + " LIMIT 1");
    if (older.empty() && textOf("SELECT to_regclass('servers') IS NOT NULL") == "t")
        older = textOf("SELECT name FROM servers WHERE lease_until > clock_timestamp() LIMIT 1");
    if (older.empty()) return;
    throw Error(ErrorClass::permanent, "HISTORY_IN_USE",
                "the history (" + link_.place() +
                    ") must be migrated, but a server of an older version still uses it (" + older +
                    "); stop the older servers first, then start this one");
}

int PostgresStore::schemaVersion() {
    const std::string text = textOf("SELECT number FROM schema_version");
    return text.empty() ? 0 : std::stoi(text);
}

void PostgresStore::requireNewest() {
    if (textOf("SELECT to_regclass('schema_version') IS NOT NULL") != "t") {
        throw Error(ErrorClass::permanent, "NO_HISTORY",
                    "there is no history in " + link_.place() +
                        "; `sheafline serve` or `run` creates it, or name another database with "
                        "--history");
    }
    const int version = schemaVersion();
    if (version == newestSchema()) return;
    const bool newer = version > newestSchema();
    throw Error(ErrorClass::permanent, newer ? "HISTORY_TOO_NEW" : "DATA_FOLDER",
                "the history (" + link_.place() + ") has version " + std::to_string(version) +
                    (newer ? "; run the newer program that made it"
                           : ", an older one; `sheafline serve`, `run` or `resume` migrates it"));
}

std::unique_ptr<sql::Prepared> PostgresStore::prepare(std::string_view sql, sql::Rows rows) {
    const bool many = rows == sql::Rows::many;
    const auto [found, is_new] = texts_.try_emplace(many ? ofManyRows(sql) : std::string(sql));
    if (is_new) found->second = translated(found->first);
    if (many) return std::make_unique<PostgresRows>(*this, found->second);
    return std::make_unique<PostgresStatement>(*this, found->second);
}

void PostgresStore::send(PreparedText& text, std::vector<Value>& values) {
    std::vector<unsigned> types;
    values.resize(std::max(values.size(), text.used.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
        // The server cannot infer the type of a parameter that the statement does not use.
        const bool used = i < text.used.size() && text.used[i];
        types.push_back(used || values[i].type != 0 ? values[i].type : kText);
    }
    if (text.generation != link_.generation()) text.names.clear();
    text.generation = link_.generation();
    const auto [name, is_new] = text.names.try_emplace(types);
    if (is_new) {
        name->second = "s" + std::to_string(++last_name_);
        link_.prepare(name->second, text.sql, types);
    }
    link_.send(name->second, values);
}

Result PostgresStore::run(PreparedText& text, std::vector<Value>& values, bool rows) {
    const std::chrono::seconds patience = waitsToRead() ? kPatience : std::chrono::seconds(0);
    if (!in_transaction_ && !link_.isAlive()) returnToServer(patience);
    if (in_transaction_) {
        return inGroup([&] {
            send(text, values);
            return rows ? link_.finish() : Result();
        });
    }
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (bool again = false;; again = true) {
        try {
            send(text, values);
            Result result = link_.finish();
            changes_ = result ? std::atoll(PQcmdTuples(result.get())) : 0;
            return result;
        } catch (const Error& error) {
            const bool is_over = again && std::chrono::steady_clock::now() >= deadline;
            if (is_over || link_.isOpen() || !rows || error.code() != kUnavailable) throw;
            returnToServer(patience);
        }
    }
}

void PostgresStore::execute(const std::string& sql) {
    link_.send(sql);
    if (!in_transaction_) link_.finish();
}

void PostgresStore::returnToServer(std::chrono::seconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (Backoff pause;; std::this_thread::sleep_for(pause.next())) {
        try {
            link_.connect();
            return enter();
        } catch (const Error& error) {
            if (error.code() != kUnavailable || std::chrono::steady_clock::now() >= deadline) throw;
        }
    }
}

std::chrono::seconds PostgresStore::patience() const {
    return access_ == Access::rows ? kShortPatience : kPatience;
}

void PostgresStore::begin() {
    if (!link_.isAlive()) returnToServer(patience());
    savepoints_ = next_savepoints_;
    next_savepoints_ = false;
    in_transaction_ = true;
    ++part_;
    link_.send("BEGIN");
}

void PostgresStore::commit() {
    inGroup([&] {
        if (!isReader()) mark_.put();
        return link_.finish();
    });
    try {
        link_.send("COMMIT");
        const Result result = link_.finish();
        in_transaction_ = false;
        // A transaction in which a statement failed answers ROLLBACK.
        if (std::string_view(PQcmdStatus(result.get())) == "COMMIT") return;
        throw Error(ErrorClass::permanent, "DATABASE",
                    "the history (" + link_.place() + ") rolled back instead of committing");
    } catch (const Error& error) {
        if (link_.isOpen() || error.code() != kUnavailable) throw;
    }
    in_transaction_ = false;
    if (wasCommitted()) return;
    throw Error(ErrorClass::transient, kUnavailable,
                "the history (" + link_.place() +
                    "): the connection was lost before a commit; it is sent again");
}

// To send the changes again without knowing could store them twice.
bool PostgresStore::wasCommitted() {
    const auto deadline = std::chrono::steady_clock::now() + patience();
    for (Backoff pause;; std::this_thread::sleep_for(pause.next())) {
        try {
            if (!link_.isOpen()) returnToServer(std::chrono::seconds(0));
            return mark_.wasCommitted();
        } catch (const Error& error) {
            if (error.code() == kUnavailable && std::chrono::steady_clock::now() < deadline)
                continue;
            throw Error(ErrorClass::transient, "HISTORY_UNKNOWN",
                        "the connection was lost during a commit, and nobody can say whether the "
                        "changes were stored: " +
                            std::string(error.what()));
        }
    }
}

void PostgresStore::failGroup(const std::string& why) {
    next_savepoints_ = true;
    throw Error(ErrorClass::transient, kGroup,
                "one change of a group failed; they are written again one by one: " + why);
}

// Runs `work` inside of the transaction. Without savepoints, nobody knows whose error it is.
template <typename Work>
Result PostgresStore::inGroup(const Work& work) {
    try {
        return work();
    } catch (const Error& error) {
        const bool of_server = error.code() == kUnavailable || error.code() == "DISK_FULL";
        if (savepoints_ || of_server || !link_.isOpen()) throw;
        failGroup(error.what());
    }
}

void PostgresStore::savepoint() {
    if (savepoints_) link_.send("SAVEPOINT one");
}

void PostgresStore::release() {
    if (!savepoints_) return;
    link_.finish();
    link_.send("RELEASE one");
}

void PostgresStore::rollbackToSavepoint() {
    ++part_;
    if (!savepoints_) failGroup("it was rejected");
    try {
        link_.finish();
    } catch (const Error&) {
        // Of a statement that is undone now. Without this, the server would skip what follows it.
    }
    link_.send("ROLLBACK TO one");
    link_.send("RELEASE one");
}

void PostgresStore::rollback() noexcept {
    in_transaction_ = false;
    try {
        link_.send("ROLLBACK");
        link_.finish();
    } catch (const std::exception&) {
        // The connection is lost, which also rolls back; the next statement reports it.
    }
}

std::vector<std::string> PostgresStore::heard(std::chrono::milliseconds patience) {
    return link_.heard(patience);
}

std::int64_t PostgresStore::changes() {
    if (!in_transaction_) return changes_;
    const Result last = link_.finish();
    return last ? std::atoll(PQcmdTuples(last.get())) : 0;
}

}  // namespace sheafline::postgres
