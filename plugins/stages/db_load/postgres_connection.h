// One connection to PostgreSQL that can be stopped at any time: it never blocks for long, and a
// stop cancels the running query on the server. Errors contain no password, and their class comes
// from the SQLSTATE.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "database.h"

struct pg_conn;
struct pg_result;

namespace sheafline::db_load {

class PostgresConnection {
 public:
    PostgresConnection(const std::string& url, std::stop_token stop);

    Records query(const std::string& sql, const std::vector<std::string>& values = {});
    std::vector<std::string> columnsOf(const std::string& sql);  // names of a query's columns
    // COPY … FROM STDIN of the pieces that `next` returns, in the text format, until an empty one.
    void copyIn(const std::string& sql, const std::function<std::string_view()>& next);
    // For a destructor: sends `sql` and ignores the result.
    void tryQuery(const char* sql) noexcept;

 private:
    struct Finish {
        void operator()(pg_conn* connection) const;
    };
    struct Clear {
        void operator()(pg_result* result) const;
    };
    using Result = std::unique_ptr<pg_result, Clear>;

    void connect();
    void send(const std::string& sql, const std::vector<std::string>& values);
    void put(std::string_view copy_data);
    void flush();
    Result result();      // the last result; throws the first error among the results
    Result nextResult();  // null after the last one
    // Waits until the socket is ready. Throws when stopped, and at the deadline.
    void wait(short events, std::chrono::steady_clock::time_point deadline =
                                std::chrono::steady_clock::time_point::max());
    void cancelStatement() noexcept;
    struct Verdict;

    static Verdict verdictOf(std::string_view sqlstate);
    std::string shown(const std::string& message) const;  // one line, without the password
    [[noreturn]] void failWith(const Verdict& verdict, const std::string& message) const;
    [[noreturn]] void fail(const std::string& sqlstate, const std::string& message) const;
    [[noreturn]] void failConnection() const;

    const std::stop_token stop_;
    std::string password_{};
    std::unique_ptr<pg_conn, Finish> connection_;
};

// Whether PostgreSQL's library can read this URL.
bool isPostgresUrl(std::string_view url);

}  // namespace sheafline::db_load
