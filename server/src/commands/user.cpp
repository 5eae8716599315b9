// `user`: the accounts of a data folder. It may run while a server runs, and the server applies a
// change at once, because both use the same database.
#include <filesystem>
#include <iostream>

#include <sheafline/error.h>

#include "accounts/account_store.h"
#include "accounts/password_hasher.h"
#include "accounts/passwords/password_rules.h"
#include "accounts/secret_key.h"
#include "audit/audit_store.h"
#include "base/clocks.h"
#include "base/data_folder.h"
#include "base/login_name.h"
#include "batches/batch_json.h"
#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "terminal/password_prompt.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

AccountStore accountsOf(const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    folder.prepare();
    return AccountStore(folder.database(kAccountsFile));
}

// Runs `change` and records it in the audit trail, which must be usable before anything is changed.
// A wrong user name is bad usage, as a wrong option is.
template <typename Change>
int changing(const Settings& settings, const char* action, const std::string& user, Change change) {
    AuditStore audit(DataFolder(settings.data_folder).database(kAuditFile));
    try {
        change();
    } catch (const Error& error) {
        for (const char* code : {"USER_EXISTS", "NO_SUCH_USER", "USER_NAME", "LAST_ADMIN"}) {
            if (error.code() == code) throw ConfigError(std::string(error.what()));
        }
        throw;
    }
    audit.record({.at = wallMs() / 1000,
                  .user = loginName(),
                  .action = action,
                  .subject = user,
                  .detail = "command"});
    return kDone;
}

std::string hashOfNewPassword(const std::string& name) {
    const std::string password = readNewPassword(name);
    if (const auto finding = passwordError(password, name)) throw ConfigError(*finding);
    return PasswordHasher().hash(password);
}

}  // namespace

int rotateKeyCommand(const Settings& settings) {
    std::filesystem::path file = settings.serve.secret_key;
    if (file.empty()) {
        DataFolder(settings.data_folder, settings.work_folder).prepare();
        file = settings.data_folder / kSecretKeyFile;
    }
    rotateSecretKey(file);
    std::cout << "new key in " << file.string()
              << "; restart the server to use it. Tokens of the old "
              << "key stay valid for " << kOldKeySeconds / 3600 << " hours\n";
    return kDone;
}

int userAddCommand(const std::string& name, const std::string& role, const Settings& settings) {
    AccountStore accounts = accountsOf(settings);
    return changing(settings, "user_add", name, [&] {
        requireUserName(name);
        accounts.add(name, roleNamed(role).value(), hashOfNewPassword(name), wallMs() / 1000,
                     PasswordKind::given);
    });
}

int userPasswdCommand(const std::string& name, const Settings& settings) {
    AccountStore accounts = accountsOf(settings);
    return changing(settings, "user_change", name, [&] {
        if (!accounts.credentials(name))
            throw ConfigError("there is no user '" + name + "'; see: sheafline user list");
        accounts.setPassword(name, hashOfNewPassword(name));
    });
}

int userRoleCommand(const std::string& name, const std::string& role, const Settings& settings) {
    AccountStore accounts = accountsOf(settings);
    return changing(settings, "user_change", name,
                    [&] { accounts.setRole(name, roleNamed(role).value()); });
}

int userDisableCommand(const std::string& name, const Settings& settings) {
    AccountStore accounts = accountsOf(settings);
    return changing(settings, "user_change", name, [&] { accounts.disable(name); });
}

int userEnableCommand(const std::string& name, const Settings& settings) {
    AccountStore accounts = accountsOf(settings);
    return changing(settings, "user_change", name, [&] { accounts.enable(name); });
}

int userRemoveCommand(const std::string& name, const Settings& settings) {
    AccountStore accounts = accountsOf(settings);
    return changing(settings, "user_remove", name, [&] { accounts.remove(name); });
}

int userListCommand(bool json, const Settings& settings) {
    AccountStore accounts = accountsOf(settings);
    std::vector<TableRow> rows{{"USER", "ROLE", "STATE", "CREATED"}};
    for (const User& user : accounts.users()) {
        const std::string created_at = utcText(user.created_at * 1000);
        if (json) {
            Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
            object.set("user", user.name);
            object.set("role", std::string(toString(user.role)));
            object.set("disabled", user.disabled);
            object.set("created_at", created_at);
            std::cout << compactJson(object) << '\n';
        }
        rows.push_back({user.name, std::string(toString(user.role)),
                        user.disabled ? "disabled" : "active", created_at});
    }
    if (!json) writeTable(std::cout, rows);
    return kDone;
}

}  // namespace sheafline
