// Accounts and keys that several servers change at the same moment: each store has its own
// connection to one database, as each server has.
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "accounts/account_store.h"
#include "accounts/api_tokens/api_token_store.h"
#include "history_place.h"
#include "uploads/keys/idempotency_keys.h"

using namespace sheafline;
using namespace sheafline::test;

namespace {

constexpr int kServers = 4;
constexpr int kRounds = 10;

sql::Place emptyDatabase() {
    historyServer().query("DROP SCHEMA IF EXISTS sheafline CASCADE");
    return {"accounts.db", historyServer().url()};
}

// Calls `act` in one thread for each server at the same moment; returns how many returned true.
int simultaneously(int servers, const std::function<bool(int)>& act) {
    std::atomic<int> waiting = servers;
    std::atomic<int> succeeded = 0;
    std::vector<std::jthread> threads;
    threads.reserve(static_cast<std::size_t>(servers));
    for (int i = 0; i < servers; ++i) {
        threads.emplace_back([&, i] {
            --waiting;
            while (waiting > 0) std::this_thread::yield();
            if (act(i)) ++succeeded;
        });
    }
    threads.clear();
    return succeeded;
}

std::string codeOf(const std::function<void()>& act) {
    try {
        act();
    } catch (const Error& error) {
        return error.code();
    }
    return "";
}

}  // namespace

TEST_CASE("servers that start at the same moment make the tables and one admin", "[postgresql]") {
    const sql::Place place = emptyDatabase();
    std::atomic<int> failed = 0;
    const int made = simultaneously(kServers, [&](int server) {
        try {
            AccountStore store(place);
            return store.addFirst("admin", Role::admin, "hash-" + std::to_string(server), 1);
        } catch (const std::exception&) {
            ++failed;
            return false;
        }
    });
    CHECK(made == 1);
    CHECK(failed == 0);
    CHECK(AccountStore(place).users().size() == 1);
}

TEST_CASE("two servers cannot remove the last two admins together", "[postgresql]") {
    const sql::Place place = emptyDatabase();
    AccountStore one(place);
    AccountStore two(place);
    for (int round = 0; round < kRounds; ++round) {
        const std::vector<std::string> admins{"a" + std::to_string(round),
                                              "b" + std::to_string(round)};
        for (const std::string& name : admins) one.add(name, Role::admin, "h", 1);
        if (round > 0) {
            for (const User& user : one.users())
                if (user.name != admins[0] && user.name != admins[1]) one.remove(user.name);
        }
        const int removed = simultaneously(2, [&](int server) {
            return codeOf([&] {
                       (server == 0 ? one : two).remove(admins[static_cast<std::size_t>(server)]);
                   })
                .empty();
        });
        CHECK(removed == 1);
        CHECK(one.users().size() == 1);
    }
}

TEST_CASE("servers that end sessions and tokens together do not block each other", "[postgresql]") {
    const sql::Place place = emptyDatabase();
    AccountStore one(place);
    AccountStore two(place);
    ApiTokenStore tokens(place);
    one.add("root", Role::admin, "h", 1);
    for (int round = 0; round < kRounds; ++round) {
        const std::string name = "user" + std::to_string(round);
        one.add(name, Role::operator_, "h", 1);
        for (int i = 0; i < 10; ++i)
            one.open({.session = name + std::to_string(i), .opened_at = i, .expires_at = 100}, name,
                     "h");
        const auto token = tokens.add({.user = name, .name = "t"}, 1);
        const int done = simultaneously(4, [&](int part) {
            return codeOf([&] {
                       if (part == 0) one.remove(name);
                       if (part == 1) two.forgetExpired(200);
                       if (part == 2) tokens.remove(token.token.id, "");
                       for (int i = 0; part == 3 && i < 10; ++i) two.end(name + std::to_string(i));
                   })
                .empty();
        });
        CHECK(done == 4);
        CHECK(two.sessionsOf(name, 0).empty());
        CHECK(tokens.list(name).empty());
    }
}

TEST_CASE("a user has at most one hundred tokens, on all servers together", "[postgresql]") {
    const sql::Place place = emptyDatabase();
    AccountStore(place).add("ann", Role::operator_, "h", 1);
    ApiTokenStore one(place);
    ApiTokenStore two(place);
    for (int i = 0; i < 99; ++i) one.add({.user = "ann", .name = "t"}, 1);
    const int made = simultaneously(2, [&](int server) {
        return codeOf([&] { (server == 0 ? one : two).add({.user = "ann", .name = "t"}, 1); })
            .empty();
    });
    CHECK(made == 1);
    CHECK(one.list("ann").size() == 100);
}

TEST_CASE("equal requests on several servers claim a key once", "[postgresql]") {
    const sql::Place place = emptyDatabase();
    std::vector<std::unique_ptr<IdempotencyKeys>> servers;
    for (int i = 0; i < kServers; ++i) servers.push_back(std::make_unique<IdempotencyKeys>(place));
    for (int round = 0; round < kRounds; ++round) {
        const std::string key = "key" + std::to_string(round);
        std::vector<KeyClaim> claims(kServers);
        const int firsts = simultaneously(kServers, [&](int i) {
            const auto at = static_cast<std::size_t>(i);
            claims[at] = servers[at]->claim("ann", key, "hash", "batch" + std::to_string(i), 1);
            return claims[at].outcome == KeyOutcome::first;
        });
        CHECK(firsts == 1);
        for (const KeyClaim& claim : claims) CHECK(claim.batch_id == claims[0].batch_id);
    }
}

TEST_CASE("a store repeats a statement after a restart of the database", "[postgresql]") {
    const sql::Place place = emptyDatabase();
    AccountStore store(place);
    store.add("ann", Role::operator_, "h", 1);
    historyServer().kill();
    CHECK(codeOf([&] { store.credentials("ann"); }) == "HISTORY_UNAVAILABLE");
    historyServer().start();
    CHECK(store.credentials("ann"));
    store.disable("ann");
    CHECK(store.credentials("ann")->user.disabled);
}
