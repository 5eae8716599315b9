// The data folder with everything that one owner stores. docs/data-folder.md shows it as a tree.
// OwnerLock proves which process owns it: an open file description lock that the kernel releases
// the moment its process ends. The file also holds the pid and the start time, for people and
// readers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sheafline/file_descriptor.h>

#include "base/sql/place.h"

namespace sheafline {

class DataFolder {
 public:
    // `work` is where extracted files go; empty: inside the data folder. `group` may read the
    // folder; empty: the user's group.
    explicit DataFolder(const std::filesystem::path& data, const std::filesystem::path& work = {},
                        std::string group = {});

    const std::filesystem::path& data() const { return data_; }
    std::filesystem::path lockFile() const { return data_ / "owner.lock"; }
    std::filesystem::path controlSocket() const { return data_ / "owner.sock"; }
    // history.db, unless useHistory() has named a database.
    sql::Place history() const;
    std::filesystem::path historyUrl() const { return data_ / "history.url"; }
    // One of the server's own databases: the file of this name, or the database of the history.
    sql::Place database(std::string_view file) const;
    std::filesystem::path reserve() const { return data_ / "reserve"; }
    // Where the files of batches and uploads are: the folder itself, unless useStore() has named
    // one that several servers share.
    const std::filesystem::path& store() const { return store_; }
    bool hasSharedStore() const { return store_ != data_; }
    std::filesystem::path uploads() const { return store_ / "uploads"; }
    std::filesystem::path batch(std::string_view batch_id) const;  // durable: archive, artifacts
    // Inside it: what the owner with this epoch of the batch's lease writes. 0: the batch's folder.
    std::filesystem::path epoch(std::string_view batch_id, std::int64_t epoch) const;
    std::filesystem::path artifacts(std::string_view batch_id, std::int64_t epoch) const;
    std::filesystem::path work(std::string_view batch_id) const;  // emptied by cleanup

    // Makes the folder if it is missing, and closes it to users outside the group (0750). Throws
    // Error (DATA_FOLDER) with the remedy if it cannot be used.
    void prepare() const;
    // Joins the folder to the history in this database, for all later commands. Throws Error
    // (DATA_FOLDER) if the folder has another history.
    void useHistory(const std::string& url) const;
    // The same after history.db was copied there; renames the file to history.db.copied.
    void moveHistory(const std::string& url) const;
    // Keeps the files of batches in this folder from now on, for all later commands. Throws Error
    // (DATA_FOLDER) if the data folder has files of batches, or another store.
    void useStore(const std::filesystem::path& store);

 private:
    bool isOurs() const;
    void rememberHistory(const std::string& url) const;
    std::filesystem::path storePath() const { return data_ / "store.path"; }

    std::filesystem::path data_;
    std::filesystem::path store_;
    std::filesystem::path work_;
    std::string group_;
};

struct OwnerIdentity {
    std::string id{};  // unique for each owner
    long pid = 0;
    std::string since{};  // UTC
    std::string command{};
};

// The process that owns the folder now; empty if none does.
std::optional<OwnerIdentity> currentOwner(const DataFolder& folder);

class OwnerLock {
 public:
    // Throws Error (DATA_FOLDER_IN_USE) with the holder's pid.
    OwnerLock(const DataFolder& folder, std::string_view command);

    const OwnerIdentity& identity() const { return identity_; }

 private:
    FileDescriptor file_;
    OwnerIdentity identity_;
};

}  // namespace sheafline
