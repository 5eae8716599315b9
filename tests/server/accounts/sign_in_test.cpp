#include "accounts/sign_in.h"

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "accounts_fixture.h"

using namespace sheafline;

TEST_CASE_METHOD(AccountsFixture, "who signs in is known by the token until it expires") {
    addUser("ann");
    const LoginResult login = sign_in.login("Ann", passwordOf("ann"), kAddress);
    CHECK(login.expires_in_seconds == 8 * kHourSeconds);
    const auto identity = sign_in.identify(login.token);
    REQUIRE(identity);
    CHECK(identity->user == "ann");
    CHECK(identity->role == Role::operator_);
    now += 8 * kHourSeconds + 30;
    CHECK_FALSE(sign_in.identify(login.token));
    // The expiry of the token does not cut a stream that was opened in time.
    CHECK(sign_in.isOpen(*identity));
    sign_in.sweep();
    CHECK(sign_in.isOpen(*identity));
    now += 25 * kHourSeconds;
    sign_in.sweep();
    CHECK_FALSE(sign_in.isOpen(*identity));
}

TEST_CASE_METHOD(AccountsFixture, "every rejection looks alike and costs one hash") {
    addUser("ann");
    addUser("dora");
    addUser("gone");
    store.add("root", Role::admin, hasher.hash("root has a password"), now);
    store.disable("dora");
    store.remove("gone");
    const std::vector<std::pair<std::string, std::string>> rejected{
        {"ann", "wrong password"},
        {"ann", ""},
        {"ann", std::string(5000, 'x')},
        {"nobody", passwordOf("ann")},
        {"", ""},
        {std::string(5000, 'n'), "x"},
        {"dora", passwordOf("dora")},
        {"dora", "wrong password"},
        {"gone", passwordOf("gone")},
        {"ann'--", "x"},
    };
    for (const auto& [name, password] : rejected) {
        INFO(name.substr(0, 20) << " / " << password.substr(0, 20));
        const auto before = hasher.verifications();
        const LoginResult result = sign_in.login(name, password, kAddress);
        CHECK(hasher.verifications() - before == 1);
        CHECK(result.token.empty());
        CHECK(result.retry_after_seconds == 0);
    }
}

TEST_CASE_METHOD(AccountsFixture,
                 "guessing is slowed down alike for users that exist and those that do not") {
    addUser("ann");
    for (const std::string name : {"ann", "nobody"}) {
        INFO(name);
        const std::string address = "198.51.100." + std::to_string(name.size());
        for (int i = 0; i < 10; ++i) {
            REQUIRE(sign_in.login(name, "wrong password", address).retry_after_seconds == 0);
        }
        const auto before = hasher.verifications();
        const LoginResult slowed = sign_in.login(name, passwordOf(name), address);
        CHECK(slowed.token.empty());
        CHECK(slowed.retry_after_seconds == 300);
        CHECK(hasher.verifications() == before);
    }
    now += 300;
    CHECK_FALSE(tokenOf("ann").empty());
}

TEST_CASE_METHOD(AccountsFixture, "a hash of older parameters is renewed by the next sign-in") {
    PasswordHasher older({.passes = 1, .memory_bytes = 16384});
    store.add("ann", Role::viewer, older.hash(passwordOf("ann")), now);
    const std::string before = store.credentials("ann")->password_hash;
    CHECK(sign_in.identify(tokenOf("ann")));
    const std::string after = store.credentials("ann")->password_hash;
    CHECK(after != before);
    CHECK_FALSE(hasher.needsRehash(after));
    CHECK(sign_in.identify(tokenOf("ann")));
    CHECK(store.credentials("ann")->password_hash == after);
}

TEST_CASE("passwords are hashed with argon2id in 64 MiB") {
    PasswordHasher hasher;
    const std::string hash = hasher.hash("correct horse");
    CHECK_THAT(hash, Catch::Matchers::StartsWith("$argon2id$v=19$m=65536,t=2,p=1$"));
    CHECK(hasher.matches(hash, "correct horse"));
    CHECK_FALSE(hasher.matches(hash, "correct horsf"));
    CHECK_FALSE(hasher.matches("", ""));
    CHECK_FALSE(hasher.matches("no hash", "no hash"));
}

TEST_CASE_METHOD(AccountsFixture, "logout ends the session everywhere, and that one alone") {
    addUser("ann");
    const std::string here = tokenOf("ann");
    const std::string there = tokenOf("ann");
    const auto identity = sign_in.identify(here);
    const std::string ticket = sign_in.ticket(*identity, "abc-123");
    const auto revision = sign_in.revision();
    sign_in.logout(*identity);
    CHECK_FALSE(sign_in.identify(here));
    CHECK(sign_in.refresh(here).token.empty());
    CHECK_FALSE(sign_in.identifyTicket(ticket, "abc-123"));
    CHECK_FALSE(sign_in.isOpen(*identity));
    CHECK(sign_in.revision() != revision);
    CHECK(sign_in.identify(there));
}

TEST_CASE_METHOD(AccountsFixture, "a refresh replaces the token and keeps the session") {
    addUser("ann");
    const std::string first = tokenOf("ann");
    const auto identity = sign_in.identify(first);
    now += 3600;
    const LoginResult second = sign_in.refresh(first);
    CHECK(second.expires_in_seconds == 8 * kHourSeconds);
    CHECK(sign_in.identify(second.token)->session == identity->session);
    CHECK(sign_in.identify(first));                         // a request that was already sent
    CHECK(sign_in.identify(sign_in.refresh(first).token));  // another tab
    now += 60;
    CHECK_FALSE(sign_in.identify(first));
    CHECK(sign_in.identify(second.token));
    CHECK(sign_in.isOpen(*identity));
}

TEST_CASE_METHOD(AccountsFixture,
                 "a token that was replaced long ago ends the session when it is used to refresh") {
    addUser("ann");
    const std::string stolen = tokenOf("ann");
    const std::string kept = sign_in.refresh(stolen).token;
    now += 60;
    CHECK(sign_in.refresh(stolen).token.empty());
    CHECK_FALSE(sign_in.identify(kept));
}

TEST_CASE_METHOD(AccountsFixture,
                 "a session ends a week after sign-in however often it is refreshed") {
    addUser("ann");
    const std::int64_t signed_in = now;
    std::string token = tokenOf("ann");
    int refreshed = 0;
    for (now += 7 * kHourSeconds;; now += 7 * kHourSeconds) {
        const LoginResult next = sign_in.refresh(token);
        if (next.token.empty()) break;
        token = next.token;
        ++refreshed;
        REQUIRE(refreshed < 100);
    }
    CHECK(refreshed == 23);
    now += 30;
    CHECK_FALSE(sign_in.identify(token));
    CHECK(now - signed_in >= 168 * kHourSeconds);
}

TEST_CASE_METHOD(AccountsFixture,
                 "a ticket lets its user watch its batch, again and again, for twelve hours") {
    addUser("ann");
    const auto identity = sign_in.identify(tokenOf("ann"));
    const std::string ticket = sign_in.ticket(*identity, "abc-123");
    for (int i = 0; i < 3; ++i) CHECK(sign_in.identifyTicket(ticket, "abc-123")->user == "ann");
    CHECK_FALSE(sign_in.identifyTicket(ticket, "abc-124"));
    CHECK_FALSE(sign_in.identifyTicket(ticket, ""));
    CHECK_FALSE(sign_in.identify(ticket));
    CHECK_FALSE(sign_in.identifyTicket(tokenOf("ann"), "abc-123"));
    now += 12 * kHourSeconds;
    CHECK(sign_in.identifyTicket(ticket, "abc-123"));
    now += 30;
    CHECK_FALSE(sign_in.identifyTicket(ticket, "abc-123"));
}

TEST_CASE_METHOD(AccountsFixture, "a change of rights is felt by tokens and tickets at once") {
    addUser("ann");
    const std::string token = tokenOf("ann");
    const auto identity = sign_in.identify(token);
    const std::string ticket = sign_in.ticket(*identity, "abc-123");
    store.setRole("ann", Role::viewer);
    CHECK_FALSE(sign_in.identify(token));
    CHECK_FALSE(sign_in.identifyTicket(ticket, "abc-123"));
    CHECK_FALSE(sign_in.isOpen(*identity));
    CHECK(sign_in.identify(tokenOf("ann"))->role == Role::viewer);
}

TEST_CASE_METHOD(AccountsFixture, "the first start makes an admin whose password is shown once") {
    const auto password = makeFirstAdmin(store, hasher, now);
    REQUIRE(password);
    CHECK(password->size() == 20);
    CHECK(sign_in.identify(sign_in.login("admin", *password, kAddress).token)->role == Role::admin);
    CHECK_FALSE(makeFirstAdmin(store, hasher, now));
}

TEST_CASE_METHOD(AccountsFixture, "nothing secret lies in the database", "[sqlite]") {
    addUser("ann");
    const std::string token = tokenOf("ann");
    const auto identity = sign_in.identify(token);
    const std::string bytes = folder.read("accounts.db") + folder.read("accounts.db-wal");
    CHECK(bytes.find("ann") != std::string::npos);
    CHECK(bytes.find(identity->session) == std::string::npos);
    CHECK(bytes.find(token) == std::string::npos);
    CHECK(bytes.find(passwordOf("ann")) == std::string::npos);
}

TEST_CASE_METHOD(AccountsFixture,
                 "many sign in, call, refresh and leave at once while users come and go") {
    addUser("root", Role::admin);
    for (int i = 0; i < 4; ++i) addUser("user" + std::to_string(i));
    std::atomic<int> wrong{0};
    std::atomic<int> served{0};
    std::vector<std::jthread> threads;
    threads.reserve(8);
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            const std::string name = "user" + std::to_string(i);
            for (int round = 0; round < 25; ++round) {
                const std::string token =
                    sign_in.login(name, passwordOf(name), "10.0.0." + std::to_string(i)).token;
                if (token.empty()) continue;  // just disabled
                const auto identity = sign_in.identify(token);
                if (!identity) continue;
                if (identity->user != name) ++wrong;
                sign_in.refresh(token);
                sign_in.identifyTicket(sign_in.ticket(*identity, "b"), "b");
                sign_in.logout(*identity);
                if (sign_in.identify(token) || sign_in.isOpen(*identity)) ++wrong;
                ++served;
            }
        });
    }
    threads.emplace_back([&] {
        for (int round = 0; round < 10; ++round) {
            store.disable("user0");
            store.enable("user0");
            sign_in.sweep();
            static_cast<void>(sign_in.revision());
        }
    });
    threads.clear();
    CHECK(wrong == 0);
    CHECK(served >= 75);
}

TEST_CASE_METHOD(AccountsFixture,
                 "a thousand guesses at once from eight addresses get ten in all") {
    addUser("ann");
    std::vector<std::jthread> threads;
    threads.reserve(8);
    const auto before = hasher.verifications();
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < 125; ++n)
                sign_in.login("ann", "wrong password", "10.0.0." + std::to_string(i));
        });
    }
    threads.clear();
    CHECK(hasher.verifications() - before == 10);
}
