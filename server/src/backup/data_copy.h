// Copies the files of a data folder that is in use. pass() copies what is new or has changed, any
// number of times; then, while the history accepts no commit, freeze() opens what has changed
// since; finish() copies that from the open descriptors. So the files are those of the moment of
// freeze(), or newer by what a process wrote before its next commit: the state that a kill leaves,
// from which every batch can resume.
//
// Left out: `history.db` (its copy needs the same moment), extracted files (`work`), the owner's
// lock, socket and reserve, and copies that a migration or a repair kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <sheafline/file_descriptor.h>

#include "backup/backup_manifest.h"

namespace sheafline {

class DataCopy {
 public:
    DataCopy(std::filesystem::path from, std::filesystem::path to);

    void pass();
    // False if so much has changed since the last pass that another one is better.
    bool freeze();
    void finish();
    // All that was copied, with their digests. Called after finish().
    std::vector<BackupFile> files() const;

 private:
    struct Stamp {  // two equal ones: the file has not changed
        std::uint64_t inode = 0;
        std::uint64_t bytes = 0;
        std::int64_t changed_ns = 0;
        std::int64_t side_ns = 0;  // of the write-ahead log of a database
        bool operator==(const Stamp&) const = default;
    };
    struct Opened {
        std::string path{};
        FileDescriptor file{};
    };

    std::map<std::string, Stamp> listed() const;
    std::vector<std::string> changed(const std::map<std::string, Stamp>& now) const;
    bool isDatabase(const std::string& path) const;
    void copy(const std::string& path, const Stamp& stamp, std::int64_t listed_ms);
    void copyOpened(const std::string& path, int file);

    const std::filesystem::path from_;
    const std::filesystem::path to_;
    std::map<std::string, Stamp> copied_;
    std::vector<Opened> opened_;
};

}  // namespace sheafline
