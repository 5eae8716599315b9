// The users and their sessions, in accounts.db of the data folder. Any thread, and any process: a
// user that `sheafline user disable` ends beside a running server is gone for it at once. What ends
// a session raises revision(), so whoever holds something open for a session asks for that number
// now and then, and on a new one isOpen() for each of its sessions. Times are seconds since 1970.
//
// Throws Error: USER_EXISTS, NO_SUCH_USER, USER_NAME, LAST_ADMIN for what a person asked wrongly,
// and whatever a database throws.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/role.h"

namespace sheafline {

namespace sqlite {
class Database;
class Statement;
}  // namespace sqlite

inline constexpr const char* kAccountsFile = "accounts.db";  // in the data folder

struct User {
    std::string name{};
    Role role = Role::viewer;
    bool disabled = false;
    std::int64_t created_at = 0;
};

struct Credentials {
    User user{};
    std::string password_hash{};
};

// What a session was opened with; `session` is hashOfId() of its id, here and below.
struct NewSession {
    std::string session{};
    std::int64_t opened_at = 0;
    std::int64_t expires_at = 0;
};

struct EndedSession {
    std::int64_t number = 0;  // rising
    std::string session{};
    std::int64_t until = 0;  // nothing that was opened with it lives longer
};

struct Session {
    User user{};
    std::int64_t generation = 0;  // how often it was refreshed
    std::int64_t opened_at = 0;
    std::int64_t refreshed_at = 0;
    std::int64_t expires_at = 0;
};

// What is not set stays.
struct UserChange {
    std::optional<std::string> password_hash{};
    std::optional<Role> role{};
    std::optional<bool> disabled{};
};

// Throws Error (USER_NAME) where no user can have this name.
void requireUserName(std::string_view name);

class AccountStore {
 public:
    explicit AccountStore(const std::filesystem::path& file, int sessions_per_user = 500);
    ~AccountStore();
    AccountStore(const AccountStore&) = delete;
    AccountStore& operator=(const AccountStore&) = delete;

    // A name is never given out again, or its next owner would get the batches of the last one.
    void add(std::string_view name, Role role, const std::string& password_hash, std::int64_t now);
    // False where there is or was any user.
    bool addFirst(std::string_view name, Role role, const std::string& password_hash,
                  std::int64_t now);
    // These end the user's sessions.
    void setPassword(std::string_view name, const std::string& password_hash);
    void setRole(std::string_view name, Role role);
    void update(std::string_view name, const UserChange& change);  // all of it, or nothing
    void disable(std::string_view name);
    void remove(std::string_view name);

    void enable(std::string_view name);
    std::vector<User> users();  // by name
    std::optional<Credentials> credentials(std::string_view name);
    // The same password under new parameters; nothing where it was changed meanwhile.
    void replaceHash(std::string_view name, const std::string& old_hash,
                     const std::string& new_hash);

    // Opens a session unless the user is disabled, or the hash is no longer the one that was
    // verified. A user's oldest session makes room when there are too many.
    bool open(const NewSession& session, std::string_view name, const std::string& verified_hash);
    std::optional<Session> find(const std::string& session);
    // The next generation, unless it is not `generation` any more.
    bool refresh(const std::string& session, std::int64_t generation, std::int64_t now,
                 std::int64_t expires_at);
    void end(const std::string& session);
    // An expired session stays for as long as what was opened under it may.
    bool isOpen(const std::string& session) { return find(session).has_value(); }
    void forgetExpired(std::int64_t expired_before);

    std::int64_t revision();
    // What ended after that number, and could still be used where nobody knows of it.
    std::vector<EndedSession> endedAfter(std::int64_t number, std::int64_t now);

 private:
    struct Statements;

    void change(std::string_view name, sqlite::Statement& statement);
    bool hasAdmin();

    const int sessions_per_user_;
    std::mutex mutex_;
    const std::unique_ptr<sqlite::Database> database_;  // guarded by mutex_
    const std::unique_ptr<Statements> statements_;      // guarded by mutex_
};

}  // namespace sheafline
