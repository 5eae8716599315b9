// Calls that other servers answer: calls about a batch in the history of another server are
// forwarded to its home, and calls about users to the server with the accounts. Progress, status
// and streams are answered here, from Redis. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "api/api_request.h"
#include "batches/reader_pool.h"
#include "neighbours/homes.h"
#include "neighbours/remote_events.h"
#include "neighbours/remote_shares.h"
#include "neighbours/remote_streams.h"

namespace sheafline::api {

class Elsewhere {
 public:
    struct Parts {
        ReaderPool& readers;
        Homes& homes;
        RemoteEvents& events;
        RemoteStreams& streams;
        RemoteShares& shares;
        std::function<std::string()> own_url{};  // URL at which other servers reach this one
        std::string accounts_url{};              // empty: this server has them
        TlsFiles tls{};                          // for servers with https
        // A token that acts for the caller at one place of another server (server_token.h).
        std::function<std::string(const http::Call& call, const std::string& place)> token_for{};
    };
    explicit Elsewhere(Parts parts) : parts_(std::move(parts)) {}

    // Forwards the call and its answer if the batch's home is another server; otherwise returns
    // false. `may_wait`: the thread may wait for clients.
    bool answeredAtHome(ApiRequest& request, bool may_wait);
    // The same with the server that has the accounts.
    bool answeredAtAccounts(ApiRequest& request);

    // A batch of another server that the caller may see, as stored in Redis. Throws HttpError: 404,
    // or 503 if Redis, or for a caller who does not own it the home, is not reachable.
    RedisBatch visibleBatch(const Caller& caller, const std::string& batch_id);
    RemoteEvents& events() const { return parts_.events; }
    RemoteStreams& streams() const { return parts_.streams; }

 private:
    bool isOurs(const std::string& batch_id);
    struct Target {
        std::string url{};
        std::string place{};    // of the token
        const char* code = "";  // if it does not answer
    };
    void forward(ApiRequest& request, const Target& target, bool may_wait);

    const Parts parts_;
    std::atomic<int> waiting_ = 0;  // threads of the small pool that are waiting for another server
};

}  // namespace sheafline::api
