#include "commands/history/copied_accounts.h"

#include <array>
#include <map>
#include <memory>

#include <sheafline/error.h>

#include "accounts/account_schema.h"
#include "accounts/account_store.h"
#include "audit/audit_store.h"
#include "base/sql/sqlite_store.h"
#include "base/sql/statement.h"
#include "history/stores/copied_table.h"
#include "uploads/shared/shared_uploads.h"
#include "uploads/upload_store.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;
using Databases = std::vector<std::unique_ptr<sql::Database>>;

constexpr CopiedTable kUsers{"users",
                             "t:name t:role t:password_hash i:disabled i:removed i:created_at "
                             "i:must_change i:max_bytes i:max_uploads",
                             "created_at, name"};
constexpr std::array kOfUsers{
    CopiedTable{"sessions",
                "t:session t:user i:generation i:opened_at i:refreshed_at i:expires_at t:address",
                "1"},
    CopiedTable{"api_tokens",
                "t:id t:hash t:user t:name t:scopes i:created_at i:expires_at i:last_used_at",
                "1"}};
constexpr CopiedTable kIdempotencyKeys{"idempotency_keys",
                                       "t:user t:key t:request_hash t:batch_id i:claimed_at"};
constexpr const char* kEntries =
    "SELECT at, \"user\", address, action, subject, detail, status FROM audit ORDER BY id";
constexpr int kEntryColumns = 7;

std::vector<std::string> namesIn(sql::Database& accounts) {
    sql::Statement rows(accounts, "SELECT lower(name) FROM users ORDER BY 1");
    std::vector<std::string> names;
    while (rows.step()) names.push_back(rows.text(0));
    return names;
}

std::unique_ptr<sql::Database> accountsIn(const fs::path& folder) {
    const fs::path file = folder / kAccountsFile;
    return fs::exists(file) ? openAccounts(file) : nullptr;
}

// Names of users have no quotation marks.
std::string notOneOf(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "'" : ", '") + name + "'";
    return list.empty() ? "1 = 1" : "lower(\"user\") NOT IN (" + list + ")";
}

void copyUsersOf(const std::vector<fs::path>& folders, sql::Database& to) {
    for (const fs::path& folder : folders) {
        if (const auto accounts = accountsIn(folder)) copyUsers(*accounts, to);
    }
}

void copyEntry(const sql::Statement& row, sql::Statement& insert) {
    for (int i = 0; i < kEntryColumns; ++i) {
        if (i == 0 || i + 1 == kEntryColumns)
            insert.bind(i + 1, row.integer(i));
        else
            insert.bind(i + 1, row.text(i));
    }
    insert.run();
}

// The oldest entry of all folders first.
void copyAudit(const std::vector<fs::path>& folders, sql::Database& to) {
    Databases databases;
    std::vector<sql::Statement> entries;
    for (const fs::path& folder : folders) {
        if (!fs::exists(folder / kAuditFile)) continue;
        databases.push_back(std::make_unique<sql::SqliteStore>(std::make_unique<sqlite::Database>(
            folder / kAuditFile, sqlite::OpenOptions{.mode = sqlite::OpenMode::read_only})));
        if (sql::Statement rows(*databases.back(), kEntries); rows.step())
            entries.push_back(std::move(rows));
    }
    sql::Statement insert(to,
                          "INSERT INTO audit(at, \"user\", address, action, subject, detail, "
                          "status) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    while (!entries.empty()) {
        auto oldest = entries.begin();
        for (auto entry = entries.begin(); entry != entries.end(); ++entry)
            if (entry->integer(0) < oldest->integer(0)) oldest = entry;
        copyEntry(*oldest, insert);
        if (!oldest->step()) entries.erase(oldest);
    }
}

void copyKeys(const std::vector<fs::path>& folders, sql::Database& to) {
    for (const fs::path& folder : folders) {
        if (!fs::exists(folder / "idempotency.db")) continue;
        sql::SqliteStore keys(std::make_unique<sqlite::Database>(
            folder / "idempotency.db", sqlite::OpenOptions{.mode = sqlite::OpenMode::read_only}));
        RowCopy{keys, to}.run(kIdempotencyKeys, "1 = 1", true);
    }
}

void copyUploads(const std::vector<fs::path>& folders, sql::Database& to) {
    for (const fs::path& folder : folders) {
        std::error_code none;
        for (const auto& entry : fs::directory_iterator(folder / "uploads", none))
            if (const auto upload = uploadIn(entry.path())) insertUpload(to, *upload);
    }
}

}  // namespace

void copyUsers(sql::Database& from, sql::Database& to) {
    const RowCopy copy{from, to};
    const std::string new_ones = notOneOf(namesIn(to));
    copy.run(kUsers, "1 = 1", true);
    for (const CopiedTable& table : kOfUsers) copy.run(table, new_ones);
}

std::vector<std::string> sharedUsers(const std::vector<fs::path>& folders) {
    std::map<std::string, int> seen;
    for (const fs::path& folder : folders) {
        const auto accounts = accountsIn(folder);
        if (!accounts) continue;
        for (const std::string& name : namesIn(*accounts)) ++seen[name];
    }
    std::vector<std::string> shared;
    for (const auto& [name, count] : seen)
        if (count > 1) shared.push_back(name);
    return shared;
}

void copyAccounts(const std::vector<fs::path>& folders, sql::Database& to) {
    if (!namesIn(to).empty()) {
        throw Error(ErrorClass::permanent, "HISTORY_NOT_EMPTY",
                    "the database (" + to.place() + ") has users already; name an empty database");
    }
    copyUsersOf(folders, to);
    copyAudit(folders, to);
    copyKeys(folders, to);
    copyUploads(folders, to);
}

}  // namespace sheafline
