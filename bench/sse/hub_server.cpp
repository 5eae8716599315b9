// Front and hub over a history in memory. GET /sub?b=BATCH streams; POST /pub?b=BATCH publishes its
// body; POST /pub publishes many events at once, each a line "BATCH EVENT". Prints its port and
// runs until its standard input ends.
#include <cstdio>
#include <istream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>

#include "http/front/event_stream.h"
#include "http/front/front.h"
#include "hub_loop.h"

namespace {

using namespace sheafline;
using Request = Poco::Net::HTTPServerRequest;
using Response = Poco::Net::HTTPServerResponse;

class History : public EventSource {
 public:
    std::vector<StreamEvent> read(std::string_view batch, std::uint64_t after,
                                  std::size_t max) override {
        const std::lock_guard lock(mutex_);
        const std::vector<std::string>& all = batches_[std::string(batch)];
        std::vector<StreamEvent> events;
        for (std::uint64_t seq = after + 1; seq <= all.size() && events.size() < max; ++seq)
            events.push_back({.seq = seq, .json = all[seq - 1]});
        return events;
    }
    std::uint64_t newest(const std::string& batch) {
        const std::lock_guard lock(mutex_);
        return batches_[batch].size();
    }
    CommittedEvent commit(const std::string& batch, std::string json) {
        const std::lock_guard lock(mutex_);
        std::vector<std::string>& all = batches_[batch];
        all.push_back(json);
        return {
            .event_id = ++last_id_, .batch_id = batch, .seq = all.size(), .json = std::move(json)};
    }

 private:
    std::mutex mutex_;
    std::map<std::string, std::vector<std::string>> batches_;
    std::int64_t last_id_ = 0;
};

std::string batchOf(const http::Call& call) { return call.head.query.substr(2); }  // "b=7"

class Subscribe : public Poco::Net::HTTPRequestHandler {
 public:
    Subscribe(http::Call& call, sse::HubLoop& hub, History& history)
        : call_(call), hub_(hub), history_(history) {}
    void handleRequest(Request&, Response& response) override {
        std::optional<StreamClient> client = http::openStream(call_, response);
        client->batch_id = batchOf(call_);
        client->after = history_.newest(client->batch_id);
        hub_.adopt(std::move(*client), history_);
    }

 private:
    http::Call& call_;
    sse::HubLoop& hub_;
    History& history_;
};

class Publish : public Poco::Net::HTTPRequestHandler {
 public:
    Publish(http::Call& call, sse::HubLoop& hub, History& history)
        : call_(call), hub_(hub), history_(history) {}
    void handleRequest(Request& request, Response& response) override {
        hub_.publish(commitAll(request.stream()));
        response.setContentLength(0);
        response.send();
    }

 private:
    std::vector<CommittedEvent> commitAll(std::istream& body) {
        std::vector<CommittedEvent> events;
        if (!call_.head.query.empty()) {
            events.push_back(
                history_.commit(batchOf(call_), {std::istreambuf_iterator<char>(body), {}}));
            return events;
        }
        std::string batch;
        std::string json;
        while (std::getline(body, batch, ' ') && std::getline(body, json))
            events.push_back(history_.commit(batch, json));
        return events;
    }

    http::Call& call_;
    sse::HubLoop& hub_;
    History& history_;
};

class NoLog : public Log {
 public:
    void write(LogLevel, std::string_view) override {}
};

}  // namespace

int main() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    History history;
    NoLog log;
    sse::HubLoop hub({});
    http::Router router;
    router.add("GET", "/sub", {},
               [&](http::Call& call) { return std::make_unique<Subscribe>(call, hub, history); });
    router.add("POST", "/pub", {},
               [&](http::Call& call) { return std::make_unique<Publish>(call, hub, history); });
    http::Front front({.port = 0}, router, log);
    front.start();
    std::printf("%d\n", front.port());
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
}
