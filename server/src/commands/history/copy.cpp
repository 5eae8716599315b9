// `history copy`: moves the histories of data folders into PostgreSQL, with all that their servers
// share.
#include <algorithm>
#include <iostream>
#include <memory>

#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/shown_text.h>

#include "base/data_folder.h"
#include "command_parts/exit_status.h"
#include "commands/commands.h"
#include "commands/history/copied_accounts.h"
#include "commands/history/copied_files.h"
#include "history/stores/copy_history.h"
#include "history/stores/open_history.h"
#include "history/stores/store_id.h"

namespace sheafline {

namespace {

constexpr std::size_t kMostNames = 20;

std::vector<DataFolder> foldersOf(const HistoryCopyOptions& options) {
    if (options.folders.size() > 1 && options.store.empty()) {
        throw ConfigError(
            "several data folders need one store for their files; name an empty folder with "
            "--store");
    }
    std::vector<DataFolder> folders;
    for (const std::string& name : options.folders) {
        const DataFolder& folder = folders.emplace_back(name);
        const sql::Place from = folder.history();
        if (!from.url.empty()) {
            throw Error(ErrorClass::permanent, "HISTORY_IN_DATABASE",
                        "the history of " + folder.data().string() +
                            " is in PostgreSQL already; to move it, use pg_dump and change "
                            "history.url");
        }
        const auto same = [&](const DataFolder& other) { return other.data() == folder.data(); };
        if (std::ranges::count_if(folders, same) > 1)
            throw ConfigError("the data folder " + folder.data().string() + " is named twice");
    }
    return folders;
}

// The folder whose accounts count comes first.
std::vector<std::filesystem::path> accountFolders(const HistoryCopyOptions& options,
                                                  const std::vector<DataFolder>& folders) {
    std::vector<std::filesystem::path> list;
    for (const DataFolder& folder : folders) list.push_back(folder.data());
    if (options.accounts_of.empty()) return list;
    const auto first = std::ranges::find(list, DataFolder(options.accounts_of).data());
    if (first == list.end())
        throw ConfigError("--accounts-of must name one of the data folders, not " +
                          options.accounts_of);
    std::rotate(list.begin(), first, first + 1);
    return list;
}

std::filesystem::path storeOf(const HistoryCopyOptions& options, const DataFolder& first) {
    if (options.store.empty()) return first.data();
    return std::filesystem::absolute(std::filesystem::path(options.store) / "")
        .lexically_normal()
        .parent_path();
}

std::string listed(const std::string& what, const std::vector<std::string>& names) {
    if (names.empty()) return {};
    std::string text = what;
    for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i)
        text += (i == 0 ? " " : ", ") + names[i];
    if (names.size() > kMostNames)
        text += " and " + std::to_string(names.size() - kMostNames) + " more";
    return text;
}

void requireDistinct(const std::vector<std::string>& batches,
                     const std::vector<std::string>& users) {
    if (batches.empty() && users.empty()) return;
    std::string text = listed("batches", batches);
    if (!batches.empty()) text += " (remove the batch from one of the folders)";
    if (!users.empty()) {
        text += (text.empty() ? "" : "; ") + listed("users", users) +
                " (if they are the same people, name the folder whose passwords and tokens count "
                "with --accounts-of)";
    }
    throw Error(ErrorClass::permanent, "HISTORY_COLLISION",
                "several of the data folders have these; nothing was copied: " + text);
}

// The folder may be used by one server only from now on, through the database.
void switchOver(DataFolder& folder, const HistoryCopyOptions& options) {
    folder.moveHistory(options.url);
    if (options.store.empty()) return;
    setFilesAside(folder.data());
    folder.useStore(options.store);
}

}  // namespace

int historyCopyCommand(const HistoryCopyOptions& options) {
    std::vector<DataFolder> folders = foldersOf(options);
    const std::vector<std::filesystem::path> accounts = accountFolders(options, folders);
    const std::filesystem::path store = storeOf(options, folders[0]);
    std::vector<std::unique_ptr<sql::Database>> histories;
    std::vector<HistorySource> sources;
    for (const DataFolder& folder : folders) {
        // Before the lock, which would make the folder.
        histories.push_back(openHistoryToRead(folder.history()));
        sources.push_back({.database = histories.back().get(),
                           .old_files = (folder.data() / "batches/").string(),
                           .new_files = (store / "batches/").string()});
    }
    std::vector<std::unique_ptr<OwnerLock>> locks;
    for (const DataFolder& folder : folders)
        locks.push_back(std::make_unique<OwnerLock>(folder, "history copy"));
    requireDistinct(sharedBatches(sources), options.accounts_of.empty()
                                                ? sharedUsers(accounts)
                                                : std::vector<std::string>());
    const auto target = openHistory({folders[0].history().file, options.url});
    requireNoBatches(*target);
    createFolders(store);
    requireStore(options.url, store);
    if (!options.store.empty())
        for (const DataFolder& folder : folders) copyFiles(folder.data(), store);
    const CopiedHistory copied =
        copyHistory(sources, *target, [&] { copyAccounts(accounts, *target); });
    for (DataFolder& folder : folders) switchOver(folder, options);
    std::cout << "copied "
              << counted(static_cast<std::uint64_t>(copied.batches), "batch", "batches") << " with "
              << counted(static_cast<std::uint64_t>(copied.events), "event") << " to "
              << target->place() << '\n';
    for (const DataFolder& folder : folders)
        std::cout << folder.data().string()
                  << " now uses it; what it no longer needs has the ending .copied\n";
    return kDone;
}

}  // namespace sheafline
