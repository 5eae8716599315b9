// The users and their sessions, in accounts.db of the data folder or in the database of the
// history. Any thread, and any process:
// when `sheafline user disable` ends a user, a running server sees it at once. Every end of a
// session raises revision(). Code that keeps something open for a session checks that number
// regularly, and calls isOpen() for each of its sessions when it has changed. Times are seconds
// since 1970.
//
// Throws Error: USER_EXISTS, NO_SUCH_USER, USER_NAME or LAST_ADMIN for a wrong request, and the
// errors of the database.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/role.h"
#include "base/sql/place.h"

namespace sheafline {

namespace sql {
class Database;
class Statement;
}  // namespace sql

inline constexpr const char* kAccountsFile = "accounts.db";  // in the data folder

struct User {
    std::string name{};
    Role role = Role::viewer;
    bool disabled = false;
    std::int64_t created_at = 0;
    bool must_change = false;  // another person knows the password
};

// Who chose a password: its user, or another person, who then knows it.
enum class PasswordKind { own, given };

struct Credentials {
    User user{};
    std::string password_hash{};
};

// The data of a new session; `session` is hashOfId() of its id, here and below.
struct NewSession {
    std::string session{};
    std::int64_t opened_at = 0;
    std::int64_t expires_at = 0;
    std::string address{};  // of the client
};

struct OpenSession {
    std::string session{};
    std::string address{};
    std::int64_t opened_at = 0;
    std::int64_t refreshed_at = 0;
    std::int64_t expires_at = 0;
};

struct PasswordChange {
    std::string old_hash{};  // the one that was verified
    std::string new_hash{};
    std::string kept_session{};
};

struct Session {
    User user{};
    std::int64_t generation = 0;  // how often it was refreshed
    std::int64_t opened_at = 0;
    std::int64_t refreshed_at = 0;
    std::int64_t expires_at = 0;
};

// Members that are not set stay unchanged.
struct UserChange {
    std::optional<std::string> password_hash{};
    PasswordKind password_kind = PasswordKind::given;
    std::optional<Role> role{};
    std::optional<bool> disabled{};
};

// Limits of one user. Those without a value are the server's settings.
struct UserQuota {
    std::optional<std::uint64_t> bytes{};    // of uploads and stored archives
    std::optional<std::uint64_t> uploads{};  // open at the same time
};

// Throws Error (USER_NAME) if no user can have this name.
void requireUserName(std::string_view name);

class AccountStore {
 public:
    explicit AccountStore(const sql::Place& place, int sessions_per_user = 500);
    ~AccountStore();
    AccountStore(const AccountStore&) = delete;
    AccountStore& operator=(const AccountStore&) = delete;

    // A name is never used again, because its next owner would get the batches of the previous one.
    void add(std::string_view name, Role role, const std::string& password_hash, std::int64_t now,
             PasswordKind kind = PasswordKind::own);
    // Returns false if there is or was any user.
    bool addFirst(std::string_view name, Role role, const std::string& password_hash,
                  std::int64_t now, PasswordKind kind = PasswordKind::given);
    // These end the user's sessions.
    void setPassword(std::string_view name, const std::string& password_hash);
    void setRole(std::string_view name, Role role);
    void update(std::string_view name, const UserChange& change);  // makes all changes or none
    void disable(std::string_view name);
    void remove(std::string_view name);

    void enable(std::string_view name);
    std::vector<User> users();  // by name
    std::optional<Credentials> credentials(std::string_view name);
    // Stores the same password with new parameters; does nothing if it was changed in the meantime.
    void replaceHash(std::string_view name, const std::string& old_hash,
                     const std::string& new_hash);

    // Opens a session unless the user is disabled, or the hash is no longer the one that was
    // verified. If a user has too many sessions, the oldest one is removed.
    bool open(const NewSession& session, std::string_view name, const std::string& verified_hash);
    std::optional<Session> find(const std::string& session);
    // Starts the next generation, unless the current one is no longer `generation`.
    bool refresh(const std::string& session, std::int64_t generation, std::int64_t now,
                 std::int64_t expires_at);
    void end(const std::string& session);
    // An expired session is kept as long as something that was opened with it may continue.
    bool isOpen(const std::string& session) { return find(session).has_value(); }
    void forgetExpired(std::int64_t expired_before);

    // Ends all other sessions of the user. False if the password was changed meanwhile, or the user
    // was disabled.
    bool changePassword(std::string_view name, const PasswordChange& change);
    std::vector<OpenSession> sessionsOf(std::string_view name, std::int64_t now);  // newest first
    bool endOf(std::string_view name, const std::string& session);  // false if it is not open

    UserQuota quotaOf(std::string_view name);  // without limits for an unknown user
    void setQuota(std::string_view name, const UserQuota& quota);
    int endAllOf(std::string_view name);  // returns how many sessions were open

    std::int64_t revision();

 private:
    struct Statements;

    void change(std::string_view name, sql::Statement& statement);
    bool hasAdmin();

    const int sessions_per_user_;
    std::mutex mutex_;
    const std::unique_ptr<sql::Database> database_;  // guarded by mutex_
    const std::unique_ptr<Statements> statements_;   // guarded by mutex_
};

}  // namespace sheafline
