// `batches share`: with whom a batch is shared, in the data folder or on a server.
#include <filesystem>
#include <iostream>
#include <utility>

#include <Poco/JSON/Parser.h>

#include <sheafline/error.h>

#include "accounts/account_store.h"
#include "audit/audit_store.h"
#include "base/clocks.h"
#include "base/data_folder.h"
#include "base/login_name.h"
#include "batches/batch_json.h"
#include "command_parts/existing_batch.h"
#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "decisions/share_json.h"
#include "history/history.h"
#include "history/shares/share_rows.h"
#include "owner/control_socket.h"

namespace sheafline {

namespace {

constexpr int kChanged = 200;

Shares givenShares(const ShareOptions& options) {
    const int given =
        (options.users.empty() ? 0 : 1) + (options.everybody ? 1 : 0) + (options.nobody ? 1 : 0);
    if (given != 1)
        throw ConfigError("batches share requires one of --with USERS, --everybody and --nobody");
    for (const std::string& user : options.users) {
        try {
            requireUserName(user);
        } catch (const Error& error) {
            throw ConfigError("--with " + user + ": " + error.what());
        }
    }
    return {.users = options.users, .everybody = options.everybody};
}

// Where the accounts are in this data folder, the users must be among them.
void requireUsers(const DataFolder& folder, Shares& shares) {
    const sql::Place place = folder.database(kAccountsFile);
    if (place.url.empty() && !std::filesystem::exists(place.file)) return;
    AccountStore accounts(place);
    if (accounts.users().empty()) return;
    for (std::string& user : shares.users) {
        const auto known = accounts.credentials(user);
        if (!known)
            throw ConfigError("there is no user '" + user +
                              "'; list the users with: sheafline user list");
        user = known->user.name;
    }
}

void shareInFolder(const std::string& batch_id, Shares shares, const Settings& settings) {
    const DataFolder folder(settings.data_folder, settings.work_folder);
    {
        HistoryReader history(folder.history());
        existingBatch(history, batch_id);
    }
    requireUsers(folder, shares);
    AuditStore audit(folder.database(kAuditFile));
    const std::string detail = "with " + sharesText(shares);
    if (currentOwner(folder)) {
        std::string request = "share " + batch_id + ' ' + loginName();
        for (const std::string& user : shares.users) request += ' ' + user;
        if (shares.everybody) request += ' ' + std::string(kEverybody);
        askOwner(folder.controlSocket(), request);
    } else {
        const OwnerLock lock(folder, "share " + batch_id);
        History(folder.history(), lock.identity().id)
            .commit({.batch_id = batch_id,
                     .shares = NewShares{.shares = std::move(shares), .by = loginName()}});
    }
    audit.record({.at = wallMs() / 1000,
                  .user = loginName(),
                  .action = "batch_share",
                  .subject = batch_id,
                  .detail = detail});
}

Shares shareOnServer(const std::string& batch_id, const Shares& shares, const ShareOptions& options,
                     const Settings& settings) {
    const RemoteServer server = signedIn(options.server, settings.tls);
    const std::string body = compactJson(sharesJson(shares));
    const HttpAnswer answer = server.send({.method = "PUT",
                                           .path = "/api/batches/" + batch_id + "/shares",
                                           .fields = {{"Content-Type", "application/json"}},
                                           .body = body});
    if (answer.status != kChanged) throwRejection(answer);
    return sharesOf(*Poco::JSON::Parser().parse(answer.body).extract<Poco::JSON::Object::Ptr>());
}

}  // namespace

int batchesShareCommand(const std::string& batch_id, const ShareOptions& options,
                        const Settings& settings) {
    Shares shares = givenShares(options);
    if (options.server.url.empty())
        shareInFolder(batch_id, shares, settings);
    else
        shares = shareOnServer(batch_id, shares, options, settings);
    std::cerr << "batch " << batch_id << " is shared with " << sharesText(shares) << '\n';
    return kDone;
}

}  // namespace sheafline
