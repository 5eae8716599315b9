// Passwords that can be chosen, sessions and tokens of one user.
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "accounts/passwords/password_rules.h"
#include "accounts/random_id.h"
#include "accounts_fixture.h"

using namespace sheafline;

TEST_CASE("a password is long enough and neither common nor the user's name") {
    const std::vector<std::tuple<std::string, std::string>> cases{
        {"123456789", "at least 10"},
        {std::string(1025, 'x'), "at most 1024"},
        {std::string("0123456789a\0b", 13), "NUL"},
        {"1234567890", "common"},
        {"QwertyUiop", "common"},
        {"manchester", "common"},
        {"manchester1!", "common"},
        {"aaaaaaaaaaaa", "few characters"},
        {"abababababab", "few characters"},
        {"Ann.Example1", "name"},
        {"correct horse", ""},
        {"ann.examples dog", ""},
        {"a long password", ""},
    };
    for (const auto& [password, wanted] : cases) {
        const std::string finding = passwordError(password, "ann.example").value_or("");
        INFO(password << ": " << finding);
        CHECK(finding.empty() == wanted.empty());
        CHECK(finding.find(wanted) != std::string::npos);
    }
}

TEST_CASE_METHOD(AccountsFixture, "a changed password keeps one session and ends the others") {
    addUser("ann");
    const std::string kept = tokenOf("ann");
    const std::string other = tokenOf("ann");
    const auto identity = sign_in.identify(kept);
    REQUIRE(identity);
    const std::string old_hash = store.credentials("ann")->password_hash;
    const std::string new_hash = hasher.hash("another password");
    const PasswordChange change{
        .old_hash = old_hash, .new_hash = new_hash, .kept_session = hashOfId(identity->session)};
    CHECK(store.changePassword("ann", change));
    CHECK(sign_in.identify(kept));
    CHECK_FALSE(sign_in.identify(other));
    CHECK_FALSE(store.changePassword("ann", change));  // the old hash no longer exists
    CHECK(sign_in.login("ann", "another password", kAddress).token.size() > 10);
}

TEST_CASE_METHOD(AccountsFixture, "a password that another person chose must be changed") {
    store.add("ann", Role::viewer, hasher.hash("given by an admin"), now, PasswordKind::given);
    const std::string token = sign_in.login("ann", "given by an admin", kAddress).token;
    CHECK(sign_in.identify(token)->must_change);
    store.changePassword("ann", {.old_hash = store.credentials("ann")->password_hash,
                                 .new_hash = hasher.hash("chosen by ann"),
                                 .kept_session = hashOfId(sign_in.identify(token)->session)});
    CHECK_FALSE(sign_in.identify(token)->must_change);
    store.update("ann", {.password_hash = hasher.hash("given again by one")});
    CHECK(store.users()[0].must_change);
    store.setPassword("ann", hasher.hash("chosen at a terminal"));
    CHECK_FALSE(store.users()[0].must_change);
}

TEST_CASE_METHOD(AccountsFixture, "a user sees the own sessions and ends one of them") {
    addUser("ann");
    addUser("bob");
    const std::string first = tokenOf("ann");
    now += 10;
    const std::string second = tokenOf("ann");
    const std::string of_bob = tokenOf("bob");
    const auto sessions = store.sessionsOf("ann", now);
    REQUIRE(sessions.size() == 2);
    CHECK(sessions[0].opened_at == sessions[1].opened_at + 10);
    CHECK(sessions[0].address == kAddress);
    CHECK_FALSE(store.endOf("bob", sessions[1].session));
    CHECK(store.endOf("ann", sessions[1].session));
    CHECK_FALSE(store.endOf("ann", sessions[1].session));
    CHECK_FALSE(sign_in.identify(first));
    CHECK(sign_in.identify(second));
    CHECK(sign_in.identify(of_bob));
}

TEST_CASE_METHOD(AccountsFixture, "a token acts for its user within its scopes until it ends") {
    addUser("ann", Role::admin);
    const MadeApiToken made = api_tokens.add(
        {.user = "ann", .name = "nightly", .scopes = {.read = true}, .expires_at = now + 100}, now);
    CHECK(made.text.starts_with("sft_"));
    const auto identity = sign_in.identify(made.text);
    REQUIRE(identity);
    CHECK(identity->user == "ann");
    CHECK(identity->role == Role::operator_);  // without the scope admin
    CHECK(identity->scopes == Scopes{.read = true});
    CHECK(sign_in.isOpen(*identity));
    CHECK(sign_in.identifyTicket(sign_in.ticket(*identity, "b1"), "b1"));
    CHECK(api_tokens.list("ann")[0].last_used_at == now);
    CHECK_FALSE(sign_in.identify(made.text + "0"));
    CHECK(sign_in.refresh(made.text).token.empty());

    SECTION("by its expiry") { now += 100; }
    SECTION("by removal") { CHECK(api_tokens.remove(made.token.id, "ann")); }
    SECTION("by disabling its user") {
        addUser("root", Role::admin);
        store.disable("ann");
    }
    SECTION("by removing its user") {
        addUser("root", Role::admin);
        store.remove("ann");
        CHECK(api_tokens.list("").empty());
    }
    CHECK_FALSE(sign_in.identify(made.text));
    CHECK_FALSE(sign_in.isOpen(*identity));
}

TEST_CASE_METHOD(AccountsFixture, "the database does not contain the text of a token") {
    addUser("ann");
    const MadeApiToken made =
        api_tokens.add({.user = "ann", .name = "n", .scopes = {.read = true}}, now);
    for (const char* file : {"accounts.db", "accounts.db-wal"}) {
        const std::string bytes = folder.read(file);
        CHECK(bytes.find(made.text.substr(4, 32)) == std::string::npos);
        CHECK(bytes.find(made.text.substr(36)) == std::string::npos);
    }
}

TEST_CASE_METHOD(AccountsFixture, "a user has a limited number of tokens and removes only those") {
    addUser("ann");
    addUser("bob");
    std::string last;
    for (int i = 0; i < 100; ++i)
        last = api_tokens.add({.user = "ann", .name = "n", .scopes = {.read = true}}, now).token.id;
    CHECK_THROWS_WITH(api_tokens.add({.user = "ann", .name = "n", .scopes = {.read = true}}, now),
                      Catch::Contains("at most 100"));
    CHECK_THROWS_WITH(api_tokens.add({.user = "eve", .name = "n", .scopes = {.read = true}}, now),
                      Catch::Contains("no user eve"));
    const std::int64_t before = store.revision();
    CHECK_FALSE(api_tokens.remove(last, "bob"));
    CHECK(api_tokens.remove(last, "ann"));
    CHECK(store.revision() > before);  // the streams of the token end
}
