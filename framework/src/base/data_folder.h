// The data folder: where everything of one owner lies. docs/data-folder.md shows it as a tree.
// OwnerLock proves who acts on it: an open file description lock that the kernel takes back the
// moment its process is gone, with the pid, its start time and the machine's boot id written in for
// people and for readers.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sheafline/file_descriptor.h>

namespace sheafline {

class DataFolder {
 public:
    // `work` is where extracted files go; empty: inside the data folder.
    explicit DataFolder(const std::filesystem::path& data, const std::filesystem::path& work = {});

    const std::filesystem::path& data() const { return data_; }
    std::filesystem::path lockFile() const { return data_ / "owner.lock"; }
    std::filesystem::path controlSocket() const { return data_ / "owner.sock"; }
    std::filesystem::path history() const { return data_ / "history.db"; }
    std::filesystem::path reserve() const { return data_ / "reserve"; }
    std::filesystem::path batch(std::string_view batch_id) const;  // durable: archive, artifacts
    std::filesystem::path artifacts(std::string_view batch_id) const;  // inside it
    std::filesystem::path work(std::string_view batch_id) const;       // emptied by cleanup

    // Makes the folder where it is missing. Throws Error (DATA_FOLDER) with the remedy where it
    // cannot be used.
    void prepare() const;

 private:
    std::filesystem::path data_;
    std::filesystem::path work_;
};

struct OwnerIdentity {
    std::string id{};  // new for every owner
    long pid = 0;
    std::string since{};  // UTC
    std::string command{};
};

// Who holds the folder now; nobody where no living process does.
std::optional<OwnerIdentity> currentOwner(const DataFolder& folder);

class OwnerLock {
 public:
    // Throws Error (DATA_FOLDER_IN_USE) that names the holder.
    OwnerLock(const DataFolder& folder, std::string_view command);

    const OwnerIdentity& identity() const { return identity_; }

 private:
    FileDescriptor file_;
    OwnerIdentity identity_;
};

}  // namespace sheafline
