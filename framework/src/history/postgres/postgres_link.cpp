#include "history/postgres/postgres_link.h"

#include <array>
#include <libpq-fe.h>
#include <new>
#include <poll.h>
#include <string_view>
#include <utility>

#include <sheafline/error.h>

namespace sheafline::postgres {

namespace {

// More would fill the buffers of the sockets, and both sides would wait for each other.
constexpr std::size_t kMostDue = 200;
constexpr int kMostNothing = 2;  // results in a row, while a statement is due

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

// libpq continues on a second line, after a tab.
std::string oneLine(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool blank = c == '\n' || c == '\t' || c == ' ';
        if (!blank || !line.ends_with(' ')) line += blank ? ' ' : c;
    }
    while (line.ends_with(' ')) line.pop_back();
    return line;
}

struct Verdict {
    ErrorClass error_class = ErrorClass::permanent;
    const char* code = "DATABASE";
    const char* remedy = "";
};

// PostgreSQL's appendix A: the first two characters are the class.
Verdict verdictOf(std::string_view sqlstate) {
    if (sqlstate.starts_with("28"))
        return {.code = "HISTORY_ACCESS", .remedy = "; check the user and the password in the URL"};
    if (sqlstate == "3D000")
        return {.code = "HISTORY_ACCESS", .remedy = "; create the database with createdb"};
    if (sqlstate == "42501")
        return {.code = "HISTORY_ACCESS",
                .remedy = "; grant the user CREATE on the database, or make it the owner"};
    if (sqlstate == "53100")
        return {.code = "DISK_FULL", .remedy = "; free some space on the database's server"};
    const bool unavailable = sqlstate.starts_with("08") || sqlstate.starts_with("53") ||
                             sqlstate.starts_with("57P") || sqlstate == "25006";
    if (unavailable)
        return {.error_class = ErrorClass::transient,
                .code = "HISTORY_UNAVAILABLE",
                .remedy = "; check that the database's server runs and can be reached"};
    if (sqlstate.starts_with("40"))
        return {.error_class = ErrorClass::transient, .code = "DATABASE_BUSY"};
    return {};
}

}  // namespace

void ClearResult::operator()(pg_result* result) const { PQclear(result); }

void Link::Close::operator()(pg_conn* connection) const { PQfinish(connection); }

Link::Link(std::string url, std::string name) : url_(std::move(url)), name_(std::move(name)) {
    // The text of libpq may repeat parts of the URL, so it is not passed on.
    const std::unique_ptr<PQconninfoOption, FreeOptions> options(
        PQconninfoParse(url_.c_str(), nullptr));
    if (!options) {
        throw Error(ErrorClass::permanent, "HISTORY_URL",
                    "the URL of the history cannot be read; write "
                    "postgresql://USER:PASSWORD@HOST:PORT/DATABASE");
    }
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (std::string_view(option->keyword) == "password" && option->val != nullptr)
            password_ = option->val;
    }
}

Link::~Link() = default;

void Link::connect() {
    // The URL comes after these, so that it can change them.
    const std::array<const char*, 9> keywords{"connect_timeout",
                                              "tcp_user_timeout",
                                              "keepalives_idle",
                                              "keepalives_interval",
                                              "keepalives_count",
                                              "application_name",
                                              "dbname",
                                              "client_encoding",
                                              nullptr};
    const std::array<const char*, 9> values{"10",          "30000",      "10",   "5",    "3",
                                            name_.c_str(), url_.c_str(), "UTF8", nullptr};
    ++generation_;
    due_ = 0;
    last_.reset();
    connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 1));
    if (!connection_) throw std::bad_alloc();
    place_ = std::string("PostgreSQL at ") + PQhost(connection_.get()) + ":" +
             PQport(connection_.get()) + ", database " + PQdb(connection_.get());
    if (PQstatus(connection_.get()) != CONNECTION_OK) failConnection();
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
    if (PQenterPipelineMode(connection_.get()) == 0) failConnection();
}

bool Link::isOpen() const { return PQstatus(connection_.get()) == CONNECTION_OK; }

bool Link::isAlive() {
    pollfd socket{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
    // A last message comes before the end.
    while (due_ == 0 && isOpen() && ::poll(&socket, 1, 0) > 0) {
        if (PQconsumeInput(connection_.get()) == 0) return false;
    }
    return isOpen();
}

std::string Link::shown(const std::string& message) const {
    std::string text = oneLine(message);
    for (std::size_t at = 0;
         !password_.empty() && (at = text.find(password_)) != std::string::npos;)
        text.replace(at, password_.size(), "…");
    return "the history (" + place_ + "): " + text;
}

void Link::failConnection() {
    ++generation_;
    const std::string message = PQerrorMessage(connection_.get());
    std::string_view sqlstate = "08006";
    if (PQconnectionNeedsPassword(connection_.get()) != 0 ||
        PQconnectionUsedPassword(connection_.get()) != 0) {
        if (message.find("authentication failed") != std::string::npos ||
            PQconnectionNeedsPassword(connection_.get()) != 0)
            sqlstate = "28P01";
    }
    // libpq gives no SQLSTATE for a rejected connection; this program sets no locale.
    if (message.find("database \"") != std::string::npos &&
        message.find("\" does not exist") != std::string::npos)
        sqlstate = "3D000";
    const Verdict verdict = verdictOf(sqlstate);
    throw Error(verdict.error_class, verdict.code, shown(message) + verdict.remedy);
}

void Link::fail(const pg_result* result) {
    ++generation_;
    const char* sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const Verdict verdict = verdictOf(sqlstate == nullptr ? "08006" : sqlstate);
    throw Error(
        verdict.error_class, verdict.code,
        shown(primary == nullptr ? PQresultErrorMessage(result) : primary) + verdict.remedy);
}

void Link::sent(int accepted) {
    if (accepted == 0) failConnection();
    if (++due_ >= kMostDue) last_ = finish();
}

void Link::prepare(const std::string& name, const std::string& sql,
                   const std::vector<unsigned>& types) {
    sent(PQsendPrepare(connection_.get(), name.c_str(), sql.c_str(), static_cast<int>(types.size()),
                       types.data()));
}

void Link::send(const std::string& name, const std::vector<Value>& values) {
    std::vector<const char*> bytes;
    std::vector<int> lengths;
    const std::vector<int> formats(values.size(), 1);
    for (const Value& value : values) {
        bytes.push_back(value.null ? nullptr : value.bytes.data());
        lengths.push_back(static_cast<int>(value.bytes.size()));
    }
    sent(PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(values.size()),
                             bytes.data(), lengths.data(), formats.data(), 0));
}

void Link::send(const std::string& sql) {
    sent(PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                           0));
}

void Link::drop(const pg_result* error) {
    const std::string message =
        error == nullptr ? PQerrorMessage(connection_.get()) : PQresultErrorMessage(error);
    connection_.reset();
    ++generation_;
    const Verdict verdict = verdictOf("08006");
    throw Error(verdict.error_class, verdict.code, shown(message) + verdict.remedy);
}

Result Link::next() {
    Result result(PQgetResult(connection_.get()));
    if (!isOpen()) failConnection();
    return result;
}

Result Link::finish() {
    if (due_ == 0) return std::move(last_);
    if (PQpipelineSync(connection_.get()) == 0) failConnection();
    Result last;
    Result error;
    for (int nothing = 0;;) {
        Result result = next();
        if (!result) {  // between two statements
            // After a failed write, libpq has no more results, but the connection counts as open.
            if (++nothing > kMostNothing) drop(error.get());
            continue;
        }
        nothing = 0;
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_PIPELINE_SYNC) break;
        if (status == PGRES_PIPELINE_ABORTED) continue;
        const bool failed = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
        if (!failed)
            last = std::move(result);
        else if (!error)
            error = std::move(result);
    }
    due_ = 0;
    last_.reset();
    if (error) fail(error.get());
    return last;
}

std::vector<std::string> Link::heard(std::chrono::milliseconds patience) {
    struct FreeNotice {
        void operator()(PGnotify* notice) const { PQfreemem(notice); }
    };
    finish();
    std::vector<std::string> texts;
    for (bool waited = false;; waited = true) {
        while (const std::unique_ptr<PGnotify, FreeNotice> notice{PQnotifies(connection_.get())})
            texts.emplace_back(notice->extra);
        if (!texts.empty() || waited) return texts;
        pollfd socket{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
        static_cast<void>(::poll(&socket, 1, static_cast<int>(patience.count())));
        if (PQconsumeInput(connection_.get()) == 0) failConnection();
    }
}

void Link::script(const std::string& sql) {
    finish();
    PQexitPipelineMode(connection_.get());
    const Result result(PQexec(connection_.get(), sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (!isOpen()) failConnection();
    PQenterPipelineMode(connection_.get());
    if (status == PGRES_FATAL_ERROR) fail(result.get());
}

}  // namespace sheafline::postgres
