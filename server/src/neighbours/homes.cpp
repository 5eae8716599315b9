#include "neighbours/homes.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <Poco/Exception.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>

#include "accounts/server_token.h"
#include "base/clocks.h"
#include "client/remote_server.h"
#include "decisions/share_json.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostHomes = 10'000;
constexpr int kAnswered = 200;
constexpr int kServerError = 500;

// The seq of an event: its key occurs unescaped only once.
std::uint64_t seqOf(const std::string& event) {
    const auto at = event.find(",\"seq\":");
    return at == std::string::npos ? 0 : std::strtoull(event.c_str() + at + 7, nullptr, 10);
}

}  // namespace

std::vector<std::string> eventsIn(const std::string& answer) {
    constexpr std::string_view kBegin = "{\"events\":[";
    std::vector<std::string> events;
    if (!answer.starts_with(kBegin)) return events;
    int depth = 0;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = kBegin.size(); i < answer.size(); ++i) {
        const char c = answer[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
            continue;
        }
        if (c == '"') quoted = true;
        if (c == '{' && depth++ == 0) begin = i;
        if (c == '}' && --depth == 0) events.push_back(answer.substr(begin, i + 1 - begin));
        if (c == ']' && depth == 0) return events;
    }
    return {};  // the connection was lost
}

std::optional<RedisBatch> Homes::find(const std::string& batch_id) {
    auto batch = batches_.find(batch_id);
    if (batch) remember(*batch);
    return batch;
}

bool Homes::mayCall(const std::string& home) const {
    return std::ranges::find(servers_, home) != servers_.end();
}

std::string Homes::homeOf(const std::string& batch_id) {
    if (auto home = remembered(batch_id); !home.empty()) return home;
    const auto batch = find(batch_id);
    return batch ? batch->home : std::string();
}

std::vector<StreamEvent> Homes::eventsFromHome(const std::string& batch_id, std::uint64_t after) {
    const std::string home = remembered(batch_id);
    if (!mayCall(home)) return {};
    std::string body;
    try {
        RemoteServer server(home, files_);
        server.authorize(serverToken(tokens_, batch_id, wallMs() / 1000));
        const HttpAnswer answer = server.send(
            {.path = "/api/batches/" + batch_id + "/progress?after=" + std::to_string(after)});
        if (answer.status == 200) body = answer.body;
    } catch (const std::exception&) {
        return {};  // the home is not reachable: the missing events are marked as a gap
    }
    const bool ended = body.find("],\"next\":") != std::string::npos &&
                       body.find(",\"final\":true", body.rfind("],\"next\":")) != std::string::npos;
    std::vector<StreamEvent> events;
    for (std::string& json : eventsIn(body)) {
        const std::uint64_t seq = seqOf(json);
        events.push_back({.seq = seq, .json = std::move(json)});
    }
    if (ended && !events.empty()) {
        StreamEvent& last = events.back();
        last.kind = last.json.starts_with(R"({"stage":"completed")") ? StreamEventKind::complete
                                                                     : StreamEventKind::error;
    }
    return events;
}

Shares Homes::sharesFromHome(const std::string& batch_id) {
    const std::string home = remembered(batch_id);
    if (!mayCall(home)) return {};
    RemoteServer server(home, files_);
    server.authorize(serverToken(tokens_, batch_id, wallMs() / 1000));
    const HttpAnswer answer = server.send({.path = "/api/batches/" + batch_id + "/shares"});
    if (answer.status >= kServerError)
        throw Error(ErrorClass::transient, "HOME_UNREACHABLE", "the home of the batch is busy");
    if (answer.status != kAnswered) return {};
    try {
        return sharesOf(
            *Poco::JSON::Parser().parse(answer.body).extract<Poco::JSON::Object::Ptr>());
    } catch (const Poco::Exception&) {
        return {};
    } catch (const InvalidShares&) {
        return {};
    }
}

void Homes::remember(const RedisBatch& batch) {
    if (batch.home.empty()) return;
    const std::lock_guard lock(mutex_);
    if (!homes_.insert_or_assign(batch.batch_id, batch.home).second) return;
    order_.push_back(batch.batch_id);
    if (order_.size() <= kMostHomes) return;
    homes_.erase(order_.front());
    order_.pop_front();
}

std::string Homes::remembered(const std::string& batch_id) {
    const std::lock_guard lock(mutex_);
    const auto found = homes_.find(batch_id);
    return found == homes_.end() ? std::string() : found->second;
}

}  // namespace sheafline
