// The uploads of all servers of one history, in its database, so that each request of an upload may
// reach another server. One server at a time holds an upload: for ten seconds, by the clock of the
// database, which a thread renews. A server that was stopped or has lost its connection finds that
// the upload is no longer its own, and stores nothing more. Thread-safe; throws Error.
//
//     const auto taken = uploads.take(id, stop, patience);
//     if (taken.held) uploads.store(id, taken.epoch, {.durable = 4096});
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/sql/database.h"
#include "uploads/upload.h"
#include "uploads/upload_info.h"

namespace sheafline {

// Adds one that exists already; only where no server uses the database.
void insertUpload(sql::Database& database, const KnownUpload& upload);

class SharedUploads {
 public:
    struct Taken {
        bool held = false;
        std::int64_t epoch = 0;             // rises each time that it is taken
        std::optional<KnownUpload> upload;  // as it is stored; empty if it no longer exists
    };
    struct Progress {
        std::uint64_t durable = 0;
        UploadState state = UploadState::open;
        std::optional<std::uint64_t> length{};  // if it was not known before
    };

    // `holder` is unique for each start of a server.
    SharedUploads(const std::string& url, std::string holder);
    ~SharedUploads();
    SharedUploads(const SharedUploads&) = delete;
    SharedUploads& operator=(const SharedUploads&) = delete;

    std::optional<KnownUpload> find(const std::string& id);
    std::vector<KnownUpload> all();

    // Stores a new upload if `admit` returns ok for it and all others. No other server adds one
    // meanwhile.
    using Admit = std::function<UploadOutcome(UploadInfo&, const std::vector<KnownUpload>&)>;
    UploadOutcome add(UploadInfo info, const Admit& admit);

    // With patience, a server that holds it is asked to let go. `stop` is requested when another
    // server asks this one, or when the upload was lost.
    Taken take(const std::string& id, const std::stop_source& stop,
               std::chrono::milliseconds patience);
    bool holds(const std::string& id, std::int64_t epoch);
    // Throws Error (UPLOAD_TAKEN_OVER) if it is no longer held.
    void store(const std::string& id, std::int64_t epoch, const Progress& progress);
    void remove(const std::string& id, std::int64_t epoch);
    void release(const std::string& id, std::int64_t epoch) noexcept;

 private:
    struct Held {
        std::int64_t epoch = 0;
        std::int64_t until_ms = 0;  // by the monotonic clock of this host
        std::stop_source stop{};
    };

    Taken tryTake(const std::string& id, const std::stop_source& stop, bool ask);
    void requireHeld(const std::string& id, std::int64_t epoch);
    std::string heldIds();
    void renew();
    void keep(const std::stop_token& stop);

    const std::string holder_;
    std::mutex database_mutex_;
    const std::unique_ptr<sql::Database> database_;  // guarded by database_mutex_
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<std::string, Held> held_;  // guarded by mutex_
    std::jthread keeper_;               // last: it uses all of the above
};

}  // namespace sheafline
