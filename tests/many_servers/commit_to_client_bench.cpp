// The time from the commit of an event to the client of another server, which streams its batch:
// ctest -L bench, or
//
//     build/release/bin/commit_to_client_bench
#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <istream>
#include <thread>
#include <vector>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>
#include <catch2/catch.hpp>

#include "history/history.h"
#include "server_group.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kEvents = 3'000;
constexpr std::chrono::milliseconds kPause{2};
constexpr const char* kBatch = "measured";

// When each event arrived, by its seq.
std::vector<Clock::time_point> arrivals(const std::string& url, const Headers& headers) {
    std::vector<Clock::time_point> times(kEvents + 2);
    const Poco::URI uri(url);
    Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
    Poco::Net::HTTPRequest request("GET", at(kBatch, "/stream"), "HTTP/1.1");
    for (const auto& [name, text] : headers) request.set(name, text);
    session.sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& in = session.receiveResponse(response);
    std::size_t seq = 0;
    for (std::string line; seq <= kEvents && std::getline(in, line);) {
        if (!line.starts_with("id: ")) continue;
        seq = std::stoull(line.substr(4));
        if (seq < times.size()) times[seq] = Clock::now();
    }
    return times;
}

}  // namespace

TEST_CASE("an event reaches the clients of all servers soon after its commit") {
    const ServerGroup group;
    // This process is the server that runs the batch. Nobody claims a batch that is uploaded.
    History history({"", group.servers().historyUrl()}, "bench");
    history.commit({.batch_id = kBatch,
                    .create = NewBatch{.pipeline = "keep",
                                       .params = "{}",
                                       .user = "admin",
                                       .state = BatchState::uploading},
                    .events = {{.stage = "queued", .message = "m"}}});
    std::array<std::vector<Clock::time_point>, 3> arrived;
    std::vector<Clock::time_point> committed(kEvents + 2);
    {
        std::vector<std::jthread> clients;
        for (std::size_t i = 0; i < arrived.size(); ++i) {
            clients.emplace_back(
                [&, i] { arrived[i] = arrivals(group.servers().urlOf(i), group.admin); });
        }
        for (std::size_t seq = 2; seq <= kEvents + 1; ++seq) {
            std::this_thread::sleep_for(kPause);
            history.commit(
                {.batch_id = kBatch, .events = {{.stage = "s", .message = std::to_string(seq)}}});
            committed[seq] = Clock::now();
        }
    }
    std::vector<double> delays;
    for (const auto& times : arrived) {
        // The first ones may have been committed before the streams began.
        for (std::size_t seq = 500; seq <= kEvents + 1; ++seq) {
            REQUIRE(times[seq] != Clock::time_point{});
            const std::chrono::duration<double, std::milli> delay = times[seq] - committed[seq];
            delays.push_back(std::max(0.0, delay.count()));
        }
    }
    std::ranges::sort(delays);
    const auto share = [&](double part) {
        return delays[static_cast<std::size_t>(part * static_cast<double>(delays.size() - 1))];
    };
    std::cout << "commit to client: p50 " << share(0.5) << " ms, p99 " << share(0.99)
              << " ms, slowest " << delays.back() << " ms\n";
}
