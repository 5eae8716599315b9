// One connection to PostgreSQL in pipeline mode: statements are sent at once, and their results
// are read together. One thread. Errors name the host and the database, never the password:
// HISTORY_UNAVAILABLE (transient) if the connection is lost or refused.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct pg_conn;
struct pg_result;

namespace sheafline::postgres {

struct ClearResult {
    void operator()(pg_result* result) const;
};
using Result = std::unique_ptr<pg_result, ClearResult>;

// A value of a statement's parameter. Without a type, the server infers it.
struct Value {
    unsigned type = 0;
    bool null = true;
    std::string bytes{};  // in the binary format
};

class Link {
 public:
    // Without a connection yet. `name` is what the server's list of connections shows.
    Link(std::string url, std::string name);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    // Both only send, and wait only if many results are due.
    void prepare(const std::string& name, const std::string& sql,
                 const std::vector<unsigned>& types);
    void send(const std::string& name, const std::vector<Value>& values);
    void send(const std::string& sql);  // without parameters

    // Reads the results of all that was sent, and returns the last one. Throws the first error.
    Result finish();
    // Several statements without rows, outside of the pipeline.
    void script(const std::string& sql);

    // The messages of NOTIFY; waits for the first, but no longer than `patience`.
    std::vector<std::string> heard(std::chrono::milliseconds patience);

    bool isOpen() const;
    // Also looks whether the server has closed the connection while it was not used.
    bool isAlive();
    void connect();  // once, for the first time or again; prepared statements are gone
    // Rises with each error and each reconnect: then it is unknown which statements are prepared.
    std::uint64_t generation() const { return generation_; }
    const std::string& place() const { return place_; }

    [[noreturn]] void fail(const pg_result* result);

 private:
    struct Close {
        void operator()(pg_conn* connection) const;
    };

    void sent(int accepted);
    Result next();
    [[noreturn]] void failConnection();
    [[noreturn]] void drop(const pg_result* error);
    std::string shown(const std::string& message) const;

    const std::string url_;
    const std::string name_;
    std::string place_{};
    std::string password_{};
    std::unique_ptr<pg_conn, Close> connection_{};
    std::size_t due_ = 0;  // statements whose results were not read
    Result last_{};        // the last one that was read before finish()
    std::uint64_t generation_ = 0;
};

}  // namespace sheafline::postgres
