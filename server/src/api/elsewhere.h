// What other servers answer: calls about a batch whose history another server has go to its home,
// those about users to the server with the accounts. Progress, status and streams are answered
// here, from Redis. Thread-safe.
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
#include "neighbours/remote_streams.h"

namespace sheafline::api {

class Elsewhere {
 public:
    struct Parts {
        ReaderPool& readers;
        Homes& homes;
        RemoteEvents& events;
        RemoteStreams& streams;
        std::function<std::string()> own_url{};  // as other servers know this one
        std::string accounts_url{};              // empty: they are here
    };
    explicit Elsewhere(Parts parts) : parts_(std::move(parts)) {}

    // Answers in the name of the batch's home where that is another server; else false.
    // `may_wait`: on a thread that may wait for clients.
    bool answeredAtHome(ApiRequest& request, bool may_wait);
    // The same with the server that has the accounts.
    bool answeredAtAccounts(ApiRequest& request);

    // A batch that is none of ours and that the caller may know of, as Redis has it. Throws
    // HttpError: 404, 503 where Redis is not to be reached.
    RedisBatch visibleBatch(const Caller& caller, const std::string& batch_id);
    RemoteEvents& events() const { return parts_.events; }
    RemoteStreams& streams() const { return parts_.streams; }

 private:
    bool isOurs(const std::string& batch_id);
    void forward(ApiRequest& request, const std::string& url, const char* code, bool may_wait);

    const Parts parts_;
    std::atomic<int> waiting_ = 0;  // threads of the small pool that wait for another server
};

}  // namespace sheafline::api
