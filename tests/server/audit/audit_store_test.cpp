#include "audit/audit_store.h"

#include <string>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "history_place.h"
#include "temporary_folder.h"

using namespace sheafline;

namespace {

struct AuditFixture {
    TemporaryFolder folder{};
    AuditStore audit{test::databasePlace(folder, "audit.db")};

    void record(std::int64_t at, const std::string& user, const std::string& action,
                const std::string& subject) {
        audit.record({.at = at,
                      .user = user,
                      .address = "10.0.0.7",
                      .action = action,
                      .subject = subject,
                      .detail = "",
                      .status = 200});
    }
    // The actions of a list, newest first.
    std::string actions(const AuditFilter& filter) {
        std::string all;
        for (const AuditEntry& entry : audit.list(filter)) all += entry.action + " ";
        return all;
    }
};

}  // namespace

TEST_CASE_METHOD(AuditFixture,
                 "audit entries are listed newest first, by user, action and subject") {
    record(1, "ann", "sign_in", "");
    record(2, "ann", "batch_create", "b1");
    record(3, "bob", "batch_delete", "b1");
    record(4, "", "", "'; DROP TABLE audit; --");
    CHECK(actions({.limit = 3}) == " batch_delete batch_create ");
    CHECK(actions({.user = "ANN"}) == "batch_create sign_in ");
    CHECK(actions({.subject = "b1"}) == "batch_delete batch_create ");
    CHECK(actions({.user = "ann", .action = "sign_in"}) == "sign_in ");
    CHECK(actions({.user = "nobody"}).empty());
    const auto newest = audit.list({.limit = 1}).at(0);
    CHECK(newest.subject == "'; DROP TABLE audit; --");
    CHECK(actions({.before_id = newest.id, .limit = 1}) == "batch_delete ");
}

TEST_CASE_METHOD(AuditFixture, "old audit entries are removed, and numbers are not used again") {
    record(1, "ann", "one", "");
    record(2, "ann", "two", "");
    const auto last = audit.list({}).at(0).id;
    audit.forgetBefore(2);
    CHECK(actions({}) == "two ");
    audit.forgetBefore(100);
    CHECK(actions({}).empty());
    record(101, "ann", "three", "");
    CHECK(audit.list({}).at(0).id == last + 1);
}

TEST_CASE_METHOD(AuditFixture, "failed sign-ins do not push other audit entries out") {
    record(1, "ann", "batch_delete", "b1");
    for (int i = 0; i < 5; ++i) record(2, "stranger", "sign_in_failed", "");
    audit.forgetBefore(0, {.entries = 3, .failed_sign_ins = 2});
    CHECK(actions({}) == "sign_in_failed sign_in_failed batch_delete ");
    record(3, "ann", "sign_out", "");
    audit.forgetBefore(0, {.entries = 3, .failed_sign_ins = 2});
    CHECK(actions({}) == "sign_out sign_in_failed sign_in_failed ");
}

TEST_CASE_METHOD(AuditFixture, "the audit trail is closed to other users and shared by processes",
                 "[sqlite]") {
    struct stat status {};
    REQUIRE(::stat((folder / "audit.db").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    AuditStore other(test::databasePlace(folder, "audit.db"));
    record(1, "ann", "one", "");
    CHECK(other.list({}).size() == 1);
}
