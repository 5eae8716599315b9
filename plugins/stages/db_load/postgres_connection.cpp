#include "postgres_connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <libpq-fe.h>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/stage.h>

namespace sheafline::db_load {

struct PostgresConnection::Verdict {
    ErrorClass error_class = ErrorClass::permanent;
    const char* code = "SINK";
    const char* remedy = "";
};

namespace {

constexpr const char* kTlsRemedy =
    "; check sslmode, sslrootcert, sslcert and sslkey in the URL, and the server's certificate";
constexpr int kMomentMs = 200;
constexpr std::chrono::seconds kConnectTimeout{10};

// 'connection to server at "10.0.0.7", port 5432 failed: …' is 'cannot connect: …'; the host in
// other texts is '…'.
std::string withoutPlace(std::string text) {
    static constexpr std::string_view kPlace = "connection to server ";
    static constexpr std::string_view kFailed = " failed: ";
    for (std::size_t at = 0; (at = text.find(kPlace, at)) != std::string::npos;) {
        const std::size_t end = text.find(kFailed, at);
        if (end == std::string::npos) break;
        text.replace(at, end + kFailed.size() - at, "cannot connect: ");
    }
    static constexpr std::array<std::string_view, 2> kHosts{"could not translate host name \"",
                                                            "does not match host name \""};
    for (const std::string_view host : kHosts) {
        const std::size_t found = text.find(host);
        if (found == std::string::npos) continue;
        const std::size_t begin = found + host.size();
        const std::size_t end = text.find('"', begin);
        if (end != std::string::npos) text.replace(begin, end - begin, "…");
    }
    return text;
}

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// The text of libpq may repeat parts of the URL, so it is not passed on.
std::string passwordOf(const std::string& url) {
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        PQconninfoParse(url.c_str(), nullptr));
    if (!options) {
        throw Error(ErrorClass::permanent, "SINK_URL",
                    "the database URL cannot be read; write postgresql://USER@HOST/DATABASE");
    }
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (std::string_view(option->keyword) == "password" && option->val != nullptr) {
            return option->val;
        }
    }
    return {};
}

// libpq continues on a second line, after a tab.
std::string oneLine(const std::string& text) {
    std::string line;
    for (const char c : text) {
        const bool blank = c == '\n' || c == '\t' || c == ' ';
        if (!blank) {
            line += c;
        } else if (!line.ends_with(' ')) {
            line += ' ';
        }
    }
    while (line.ends_with(' ')) line.pop_back();
    return line;
}

// libpq has no codes for its own errors. Its texts are in English, because this program sets no
// locale. A retry does not help against these errors, unlike against a lost TLS connection ("SSL
// SYSCALL error").
bool isTlsSetup(std::string_view message) {
    static constexpr std::array<std::string_view, 4> kTexts = {
        "certificate", "SSL error: ", "does not support SSL", "private key"};
    return std::ranges::any_of(kTexts, [&](std::string_view text) {
        return message.find(text) != std::string_view::npos;
    });
}

// Empty if the host has an address or is one; otherwise whether the name does not exist.
std::optional<bool> isUnknownHost(const char* host) {
    if (host == nullptr || *host == '\0' || *host == '/') return std::nullopt;
    addrinfo* found = nullptr;
    const int result = ::getaddrinfo(host, nullptr, nullptr, &found);
    if (result == 0) {
        ::freeaddrinfo(found);
        return std::nullopt;
    }
    return result == EAI_NONAME || result == EAI_NODATA;
}

// Errors that a row can cause: bad data, a violated constraint, an exception in a trigger.
bool isRowError(std::string_view sqlstate) {
    return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate == "P0001";
}

}  // namespace

// PostgreSQL's appendix A: the first two characters are the class.
PostgresConnection::Verdict PostgresConnection::verdictOf(std::string_view sqlstate) {
    const std::string_view group = sqlstate.substr(0, 2);
    if (group == "28") return {.code = "SINK_AUTH", .remedy = "; check user and password"};
    if (sqlstate == "3D000") return {.code = "SINK_MISSING", .remedy = "; create the database"};
    if (sqlstate == "42501") return {.code = "SINK_PERMISSION", .remedy = "; grant the right"};
    if (sqlstate == "3F000") return {.code = "SINK_MISSING", .remedy = "; create the schema"};
    if (sqlstate == "53100") return {.code = "DISK_FULL", .remedy = "; free some space there"};
    if (sqlstate == "42P10") return {.code = "SCHEMA_DRIFT"};
    static constexpr std::array kTransient = {"40001", "40P01", "55P03", "57014", "25006"};
    if (group == "08" || group == "53" || sqlstate.starts_with("57P") ||
        std::ranges::find(kTransient, sqlstate) != kTransient.end()) {
        return {.error_class = ErrorClass::transient, .code = "SINK_UNAVAILABLE"};
    }
    return {};
}

bool isPostgresUrl(std::string_view url) {
    return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

void PostgresConnection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

void PostgresConnection::Clear::operator()(pg_result* result) const { PQclear(result); }

PostgresConnection::PostgresConnection(const std::string& url, std::stop_token stop)
    : stop_(std::move(stop)), password_(passwordOf(url)) {
    // The URL comes after our defaults, so that it can change them.
    const std::array<const char*, 8> keywords{
        "tcp_user_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count",
        "application_name", "dbname",          "client_encoding",     nullptr};
    const std::array<const char*, 8> values{"30000",     "10",        "5",    "3",
                                            "sheafline", url.c_str(), "UTF8", nullptr};
    connection_.reset(PQconnectStartParams(keywords.data(), values.data(), 1));
    if (!connection_) throw std::bad_alloc();
    connect();
    PQsetnonblocking(connection_.get(), 1);
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    query("SET lock_timeout = '30s'");
}

void PostgresConnection::connect() {
    if (PQstatus(connection_.get()) == CONNECTION_BAD) failConnection();
    // Without this, the SQLSTATE of a rejected connection is not available.
    PQsetErrorVerbosity(connection_.get(), PQERRORS_VERBOSE);
    const auto deadline = std::chrono::steady_clock::now() + kConnectTimeout;
    for (auto next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK;
         next = PQconnectPoll(connection_.get())) {
        if (next == PGRES_POLLING_FAILED) failConnection();
        wait(next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
    }
    PQsetErrorVerbosity(connection_.get(), PQERRORS_DEFAULT);
}

void PostgresConnection::wait(short events, std::chrono::steady_clock::time_point deadline) {
    while (std::chrono::steady_clock::now() < deadline) {
        if (stop_.stop_requested()) {
            cancelStatement();
            throwIfStopped(stop_);
        }
        pollfd socket{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
        const int ready = ::poll(&socket, 1, kMomentMs);
        if (ready > 0) return;
        if (ready < 0 && errno != EINTR) throwSystemError(errno, "cannot wait for PostgreSQL");
    }
    fail("08001", "the server does not answer");
}

void PostgresConnection::cancelStatement() noexcept {
    PGcancel* cancel = PQgetCancel(connection_.get());
    if (cancel == nullptr) return;
    std::array<char, 256> why{};
    PQcancel(cancel, why.data(), static_cast<int>(why.size()));
    PQfreeCancel(cancel);
}

// Users of a server see this text, but only operators may see the address of the database.
std::string PostgresConnection::shown(const std::string& message) const {
    std::string text = withoutPlace(oneLine(message));
    for (std::size_t at = 0;
         !password_.empty() && (at = text.find(password_)) != std::string::npos;) {
        text.replace(at, password_.size(), "…");
    }
    return text;
}

void PostgresConnection::fail(const std::string& sqlstate, const std::string& message) const {
    if (isRowError(sqlstate)) throw RowError(shown(message));
    failWith(verdictOf(sqlstate), message);
}

void PostgresConnection::failWith(const Verdict& verdict, const std::string& message) const {
    throw Error(verdict.error_class, verdict.code,
                "PostgreSQL: " + shown(message) + verdict.remedy);
}

void PostgresConnection::failConnection() const {
    const std::string message = PQerrorMessage(connection_.get());
    if (PQconnectionNeedsPassword(connection_.get()) != 0) {
        fail("28P01", "the server requires a password, but the URL has none");
    }
    // "FATAL:  28P01: password authentication failed", whatever the server's language.
    const std::size_t colon = message.find(":  ");
    if (colon != std::string::npos && colon + 10 < message.size() &&
        message.substr(colon + 8, 2) == ": ") {
        const std::size_t end = message.find('\n', colon);
        fail(message.substr(colon + 3, 5), message.substr(colon + 10, end - colon - 10));
    }
    if (isTlsSetup(message)) failWith({.code = "SINK_TLS", .remedy = kTlsRemedy}, message);
    if (const auto unknown = isUnknownHost(PQhost(connection_.get()))) {
        failWith({.error_class = *unknown ? ErrorClass::permanent : ErrorClass::transient,
                  .code = "SINK_HOST",
                  .remedy = "; check the host in the URL"},
                 message);
    }
    fail("08001", message);
}

void PostgresConnection::flush() {
    while (true) {
        const int left = PQflush(connection_.get());
        if (left == 0) return;
        if (left < 0) failConnection();
        wait(POLLIN | POLLOUT);
        // The server may have to send an answer before it accepts more.
        if (PQconsumeInput(connection_.get()) == 0) failConnection();
    }
}

void PostgresConnection::send(const std::string& sql, const std::vector<std::string>& values) {
    std::vector<const char*> texts;
    texts.reserve(values.size());
    for (const std::string& value : values) texts.push_back(value.c_str());
    if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(texts.size()), nullptr,
                          texts.data(), nullptr, nullptr, 0) == 0) {
        failConnection();
    }
    flush();
}

PostgresConnection::Result PostgresConnection::nextResult() {
    while (PQisBusy(connection_.get()) != 0) {
        wait(POLLIN);
        if (PQconsumeInput(connection_.get()) == 0) failConnection();
    }
    return Result(PQgetResult(connection_.get()));
}

PostgresConnection::Result PostgresConnection::result() {
    Result last;
    Result error;
    while (Result next = nextResult()) {
        const ExecStatusType status = PQresultStatus(next.get());
        const bool failed = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
        if (failed && !error) error = std::move(next);
        if (!failed) last = std::move(next);
        // During COPY there is always one more result like this one.
        if (status == PGRES_COPY_IN) return last;
        if (PQstatus(connection_.get()) == CONNECTION_BAD) break;
    }
    if (error) {
        const char* sqlstate = PQresultErrorField(error.get(), PG_DIAG_SQLSTATE);
        const char* primary = PQresultErrorField(error.get(), PG_DIAG_MESSAGE_PRIMARY);
        fail(sqlstate == nullptr ? "08006" : sqlstate,
             primary == nullptr ? PQresultErrorMessage(error.get()) : primary);
    }
    if (!last) failConnection();
    return last;
}

Records PostgresConnection::query(const std::string& sql, const std::vector<std::string>& values) {
    send(sql, values);
    const Result found = result();
    Records records(static_cast<std::size_t>(PQntuples(found.get())));
    for (int row = 0; row < PQntuples(found.get()); ++row) {
        for (int column = 0; column < PQnfields(found.get()); ++column) {
            records[static_cast<std::size_t>(row)].emplace_back(
                PQgetvalue(found.get(), row, column));
        }
    }
    return records;
}

std::vector<std::string> PostgresConnection::columnsOf(const std::string& sql) {
    send(sql, {});
    const Result found = result();
    std::vector<std::string> names(static_cast<std::size_t>(PQnfields(found.get())));
    for (int column = 0; column < PQnfields(found.get()); ++column) {
        names[static_cast<std::size_t>(column)] = PQfname(found.get(), column);
    }
    return names;
}

void PostgresConnection::put(std::string_view copy_data) {
    const auto size = static_cast<int>(copy_data.size());
    int taken = 0;
    while ((taken = PQputCopyData(connection_.get(), copy_data.data(), size)) == 0) flush();
    if (taken < 0) failConnection();
    flush();
}

void PostgresConnection::copyIn(const std::string& sql,
                                const std::function<std::string_view()>& next) {
    send(sql, {});
    static_cast<void>(result());
    for (std::string_view piece = next(); !piece.empty(); piece = next()) {
        faultPoint("db_load.copy");
        put(piece);
    }
    if (PQputCopyEnd(connection_.get(), nullptr) < 0) failConnection();
    flush();
    static_cast<void>(result());
}

void PostgresConnection::tryQuery(const char* sql) noexcept {
    try {
        query(sql);
    } catch (const std::exception&) {
        // The connection is broken; it is closed soon, which also rolls back.
    }
}

}  // namespace sheafline::db_load
