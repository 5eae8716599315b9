// Three servers under random faults: SHEAFLINE_TEST_FAULTS says how many (10), SHEAFLINE_TEST_SEED
// which (1). Batches run and clients stream all the time.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "disturber.h"
#include "lease_watch.h"
#include "server_group.h"
#include "stream_client.h"

using namespace sheafline::test;
using sheafline::eventually;

namespace {

constexpr const char* kDisturbed = R"(
name: disturbed
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 120}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, pause: 200ms}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv, with: {file: out.csv}}
)";
constexpr std::size_t kBatches = 10;
constexpr std::size_t kClients = 5;           // of each batch
constexpr std::chrono::seconds kPatience{5};  // with a server that may be stopped
constexpr double kLongestTakeoverSeconds = 15;

int option(const char* name, int otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoi(text);
}

std::string replaced(std::string text, const std::string& part, const std::string& with) {
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += with.size())
        text.replace(at, part.size(), with);
    return text;
}

struct Disturbed {
    ServerGroup group{{{"SHEAFLINE_MAX_RUNNING", "10"}, {"SHEAFLINE_USER_RUNNING", "10"}},
                      {{"disturbed.yaml", kDisturbed}}};
    Headers token;
    int created = 0;

    Disturbed() {
        const Reply made = group.any.post(
            "/api/tokens", R"({"name":"t","scopes":["read","create"],"expires_days":1})",
            group.admin);
        REQUIRE(made.status == 201);
        token = {{"Authorization", "Bearer " + value(made.body, "token")}};
    }

    // Repeats a request until a server answers it.
    Reply answered(const std::string& method, const std::string& path, const std::string& body,
                   const Headers& headers, int status) const {
        Reply reply;
        const bool is_answered = eventually([&] {
            try {
                reply =
                    HttpClient(group.servers().url(), kPatience).send(method, path, body, headers);
            } catch (const std::exception&) {
                return false;
            }
            return reply.status == status || (status == 201 && reply.status == 200);
        });
        INFO(method << ' ' << path << ": " << reply.status << ' ' << reply.body);
        REQUIRE(is_answered);
        return reply;
    }
    std::string create() {
        const Headers headers =
            with(token, {{"Content-Type", "application/json"},
                         {"Idempotency-Key", "batch-" + std::to_string(++created)}});
        const Reply made =
            answered("POST", "/api/batches", R"({"pipeline":"disturbed"})", headers, 201);
        return value(made.body, "batch_id");
    }
    std::string csvOf(const std::string& id) const {
        return replaced(answered("GET", at(id, "/artifacts/out.csv"), "", token, 200).body, id,
                        "B");
    }
    std::vector<std::unique_ptr<StreamClient>> clientsOf(
        const std::vector<std::string>& ids) const {
        std::vector<std::unique_ptr<StreamClient>> clients;
        for (std::size_t i = 0; i < kClients * ids.size(); ++i) {
            clients.push_back(std::make_unique<StreamClient>(
                group.servers().url(), at(ids[i % ids.size()], "/stream"), token));
        }
        return clients;
    }
    // Ten batches with their clients, to their end.
    void runRound(const std::string& csv) {
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < kBatches; ++i) ids.push_back(create());
        for (const auto& client : clientsOf(ids)) CHECK(client->waitForEnd().empty());
        for (const std::string& id : ids) {
            INFO(answered("GET", at(id, "/status"), "", token, 200).body);
            CHECK(csvOf(id) == csv);
        }
    }
    std::string query(const std::string& sql) const {
        return outputOf("psql -X -q -At '" + group.servers().historyUrl() + "' -c \"" + sql + '"');
    }
};

}  // namespace

TEST_CASE("three servers under random faults lose and double nothing") {
    Disturbed site;
    const std::string first = site.create();
    CHECK(StreamClient(site.group.servers().url(), at(first, "/stream"), site.token)
              .waitForEnd()
              .empty());
    const std::string csv = site.csvOf(first);
    REQUIRE(std::ranges::count(csv, '\n') == 121);

    const LeaseWatch leases(site.group.servers().historyUrl());
    {
        Disturber disturber(site.group.servers(), option("SHEAFLINE_TEST_FAULTS", 10),
                            static_cast<std::uint64_t>(option("SHEAFLINE_TEST_SEED", 1)));
        do site.runRound(csv);
        while (!disturber.done());
        for (const auto& [kind, count] : disturber.counts())
            std::cout << count << " times: " << kind << '\n';
    }
    std::vector<double> takeovers = leases.takeovers();
    std::ranges::sort(takeovers);
    std::cout << site.created << " batches, " << takeovers.size() << " takeovers";
    if (!takeovers.empty()) {
        std::cout << ", median " << takeovers[takeovers.size() / 2] << " s, slowest "
                  << takeovers.back() << " s";
        CHECK(takeovers.back() < kLongestTakeoverSeconds);
    }
    std::cout << '\n';
    // Nothing of a fenced owner: each event once, each sheet with one row.
    CHECK(
        site.query("SELECT count(*) FROM (SELECT batch_id FROM sheafline.events GROUP BY batch_id "
                   "HAVING count(*) <> max(seq) OR count(DISTINCT seq) <> count(*)) b") == "0");
    CHECK(site.query("SELECT count(*) FROM sheafline.rows") == std::to_string(120 * site.created));
    std::vector<std::string> files;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(site.group.site.folder / "store")) {
        if (entry.path().parent_path().filename() == "artifacts")
            files.push_back(entry.path().filename());
    }
    CHECK(files.size() == static_cast<std::size_t>(site.created));
}
