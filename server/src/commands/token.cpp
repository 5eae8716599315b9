// `token`: tokens for programs, in the accounts of a data folder. It may run while a server runs,
// and the server applies a change at once, because both use the same database.
#include <iostream>
#include <string>
#include <vector>

#include <Poco/JSON/Array.h>

#include <sheafline/error.h>

#include "accounts/account_store.h"
#include "accounts/api_tokens/api_token_store.h"
#include "base/clocks.h"
#include "base/data_folder.h"
#include "batches/batch_json.h"
#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "terminal/joined.h"
#include "terminal/text_table.h"

namespace sheafline {

namespace {

constexpr std::int64_t kDaySeconds = std::int64_t{24} * 3600;

sql::Place accountsPlace(const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    folder.prepare();
    return folder.database(kAccountsFile);
}

std::string timeText(std::int64_t seconds, const char* otherwise) {
    return seconds == 0 ? otherwise : utcText(seconds * 1000);
}

std::string jsonOf(const ApiToken& token) {
    Poco::JSON::Object object(Poco::JSON_PRESERVE_KEY_ORDER);
    object.set("id", token.id);
    object.set("user", token.user);
    object.set("name", token.name);
    Poco::JSON::Array scopes;
    for (const std::string& scope : namesOf(token.scopes)) scopes.add(scope);
    object.set("scopes", scopes);
    object.set("created_at", timeText(token.created_at, ""));
    object.set("expires_at", timeText(token.expires_at, ""));
    object.set("last_used_at", timeText(token.last_used_at, ""));
    return compactJson(object);
}

}  // namespace

int tokenAddCommand(const TokenOptions& options, const Settings& settings) {
    const auto scopes = scopesNamed(options.scopes);
    if (!scopes) throw ConfigError("--scope is one or more of read, create, decide and admin");
    const std::int64_t now = wallMs() / 1000;
    const NewApiToken order{.user = options.user,
                            .name = options.name,
                            .scopes = *scopes,
                            .expires_at = options.days == 0 ? 0 : now + options.days * kDaySeconds};
    try {
        std::cout << ApiTokenStore(accountsPlace(settings)).add(order, now).text << '\n';
    } catch (const Error& error) {
        if (error.code() == "NO_SUCH_USER")
            throw ConfigError("there is no user '" + options.user + "'; see: sheafline user list");
        if (error.code() == "TOO_MANY_TOKENS") throw ConfigError(std::string(error.what()));
        throw;
    }
    std::cerr << "This token is not shown again. Write it to a file that only its program can "
                 "read, and use it with --token-file FILE\n";
    return kDone;
}

int tokenListCommand(const TokenOptions& options, const Settings& settings) {
    ApiTokenStore tokens(accountsPlace(settings));
    std::vector<TableRow> rows{{"ID", "USER", "NAME", "SCOPES", "EXPIRES", "LAST USED"}};
    for (const ApiToken& token : tokens.list(options.user)) {
        if (options.json) std::cout << jsonOf(token) << '\n';
        rows.push_back({token.id, token.user, token.name, joined(namesOf(token.scopes), ","),
                        timeText(token.expires_at, "never"),
                        timeText(token.last_used_at, "never")});
    }
    if (!options.json) writeTable(std::cout, rows);
    return kDone;
}

int tokenRemoveCommand(const TokenOptions& options, const Settings& settings) {
    if (!ApiTokenStore(accountsPlace(settings)).remove(options.id, ""))
        throw ConfigError("there is no token '" + options.id + "'; see: sheafline token list");
    return kDone;
}

}  // namespace sheafline
