#include "accounts/account_store.h"

#include <cstdlib>
#include <functional>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <catch2/catch.hpp>

#include <sheafline/error.h>

#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

struct StoreFixture {
    TemporaryFolder folder{};
    AccountStore store{test::databasePlace(folder, "accounts.db")};

    StoreFixture() {
        store.add("root", Role::admin, "hash-r", 1);
        store.add("ann", Role::operator_, "hash-a", 2);
    }
    bool open(const std::string& session, const std::string& user = "ann") {
        return store.open({.session = session, .opened_at = 10, .expires_at = 100}, user,
                          "hash-" + user.substr(0, 1));
    }
    std::string codeOf(const std::function<void()>& act) {
        try {
            act();
        } catch (const Error& error) {
            return error.code();
        }
        return "";
    }
};

}  // namespace

TEST_CASE_METHOD(StoreFixture, "users survive a restart, and nobody else may read them",
                 "[sqlite]") {
    AccountStore again(test::databasePlace(folder, "accounts.db"));
    std::string text;
    for (const User& user : again.users())
        text += user.name + " " + std::string(toString(user.role)) + "\n";
    CHECK(text == "ann operator\nroot admin\n");
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
        struct stat status {};
        REQUIRE(::stat(file.path().c_str(), &status) == 0);
        INFO(file.path().filename());
        CHECK((status.st_mode & 0077) == 0);
    }
}

TEST_CASE_METHOD(StoreFixture,
                 "a name is one user, however it is written, and is never used again") {
    CHECK(codeOf([&] { store.add("ANN", Role::viewer, "h", 3); }) == "USER_EXISTS");
    CHECK(store.credentials("ANN")->user.name == "ann");
    store.remove("ann");
    CHECK_FALSE(store.credentials("ann"));
    CHECK(codeOf([&] { store.add("ann", Role::viewer, "h", 3); }) == "USER_EXISTS");
    CHECK(codeOf([&] { store.enable("ann"); }) == "NO_SUCH_USER");
    CHECK(codeOf([&] { store.setPassword("ann", "h"); }) == "NO_SUCH_USER");
    CHECK(codeOf([&] { store.remove("nobody"); }) == "NO_SUCH_USER");
}

TEST_CASE_METHOD(StoreFixture, "a name that could be taken for something else is rejected") {
    for (const std::string name : {"", "-ann", ".ann", "an n", "ann\n", "änn", "a/b", "a'b"}) {
        INFO(name);
        CHECK(codeOf([&] { store.add(name, Role::viewer, "h", 3); }) == "USER_NAME");
    }
    CHECK(codeOf([&] { store.add(std::string(65, 'a'), Role::viewer, "h", 3); }) == "USER_NAME");
    CHECK(codeOf([&] { store.add("Ann.B-2+x@example.org", Role::viewer, "h", 3); }).empty());
}

TEST_CASE_METHOD(StoreFixture, "the last admin stays") {
    CHECK(codeOf([&] { store.disable("root"); }) == "LAST_ADMIN");
    CHECK(codeOf([&] { store.remove("root"); }) == "LAST_ADMIN");
    CHECK(codeOf([&] { store.setRole("root", Role::viewer); }) == "LAST_ADMIN");
    store.add("root2", Role::admin, "h", 3);
    CHECK(codeOf([&] { store.remove("root"); }).empty());
}

TEST_CASE_METHOD(StoreFixture, "whatever changes a user's rights ends its sessions, and says so") {
    const std::vector<std::pair<std::string, std::function<void()>>> changes{
        {"password", [&] { store.setPassword("ann", "hash-a"); }},
        {"role", [&] { store.setRole("ann", Role::viewer); }},
        {"disabled", [&] { store.disable("ann"); }},
        {"removed", [&] { store.remove("ann"); }},
    };
    int number = 0;
    for (const auto& [name, change] : changes) {
        INFO(name);
        const std::string id = std::to_string(number++);
        REQUIRE(open("a" + id));
        REQUIRE(open("r" + id, "root"));
        const auto before = store.revision();
        change();
        CHECK_FALSE(store.isOpen("a" + id));
        CHECK(store.isOpen("r" + id));
        CHECK(store.revision() > before);
        if (name == "disabled") store.enable("ann");
    }
}

TEST_CASE_METHOD(StoreFixture,
                 "a session opens only while the password that was verified is the user's") {
    CHECK_FALSE(store.open({.session = "s", .opened_at = 1, .expires_at = 2}, "ann", "hash-old"));
    store.disable("ann");
    CHECK_FALSE(open("s"));
    CHECK_FALSE(store.isOpen("s"));
}

TEST_CASE_METHOD(StoreFixture, "another process sees at once that a session has ended") {
    AccountStore elsewhere(test::databasePlace(folder, "accounts.db"));
    REQUIRE(open("s"));
    CHECK(elsewhere.isOpen("s"));
    const auto before = store.revision();
    elsewhere.disable("ann");
    CHECK(store.revision() > before);
    CHECK_FALSE(store.isOpen("s"));
}

TEST_CASE_METHOD(StoreFixture, "a user's sessions are bounded, the oldest goes") {
    AccountStore small(test::databasePlace(folder, "accounts.db"), 3);
    for (int i = 0; i <= 3; ++i) {
        REQUIRE(small.open({.session = "s" + std::to_string(i), .opened_at = i, .expires_at = 1000},
                           "ann", "hash-a"));
    }
    CHECK_FALSE(store.isOpen("s0"));
    CHECK(store.isOpen("s1"));
    CHECK(store.isOpen("s3"));
}

TEST_CASE_METHOD(StoreFixture, "expired sessions are forgotten when asked, not before") {
    REQUIRE(open("s"));
    store.forgetExpired(100);
    CHECK(store.isOpen("s"));
    store.forgetExpired(101);
    CHECK_FALSE(store.isOpen("s"));
}

TEST_CASE_METHOD(StoreFixture, "the first user is added once") {
    CHECK_FALSE(store.addFirst("admin", Role::admin, "h", 1));
    const TemporaryFolder empty;
    AccountStore fresh(test::databasePlace(empty, "accounts.db"));
    CHECK(fresh.addFirst("admin", Role::admin, "h", 1));
    CHECK_FALSE(fresh.addFirst("admin2", Role::admin, "h", 1));
}

TEST_CASE_METHOD(StoreFixture, "accounts of earlier versions are taken over", "[sqlite]") {
    open("one");
    const bool first_version = GENERATE(true, false);
    const std::string file = (folder / "accounts.db").string();
    std::string back =
        "sqlite3 '" + file +
        "' 'DROP TRIGGER user_changed; DROP TRIGGER user_removed; DROP TRIGGER api_token_removed; "
        "DROP TABLE api_tokens; ALTER TABLE sessions DROP COLUMN address; "
        "ALTER TABLE users DROP COLUMN must_change; ALTER TABLE users DROP COLUMN max_bytes; "
        "ALTER TABLE users DROP COLUMN max_uploads; PRAGMA user_version = 2";
    if (first_version)
        back += "; DROP TRIGGER session_noted; DROP TABLE ended; PRAGMA user_version = 1";
    REQUIRE(std::system((back + '\'').c_str()) == 0);
    AccountStore again(test::databasePlace(folder, "accounts.db"));
    CHECK(again.find("one"));
    CHECK_FALSE(again.users()[0].must_change);
    CHECK_FALSE(again.quotaOf("ann").bytes);
    again.setQuota("ann", {.bytes = 7, .uploads = 0});
    CHECK(again.quotaOf("ann").bytes == 7);
    CHECK(again.quotaOf("ann").uploads == 0);
    again.end("one");
    CHECK_FALSE(again.find("one"));
}
