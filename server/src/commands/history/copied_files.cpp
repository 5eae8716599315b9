#include "commands/history/copied_files.h"

#include <string>
#include <sys/stat.h>

#include <sheafline/copy_file.h>
#include <sheafline/durable_file.h>

#include "base/file_digest.h"
#include "history/stores/copied_table.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kParts[] = {"batches", "uploads"};

void copyOne(const fs::path& from, const fs::path& to) {
    if (fs::is_symlink(from)) return fs::copy_symlink(from, to);
    std::error_code error;
    fs::create_hard_link(from, to, error);
    if (!error) return;
    copyFile(from, to);
    fs::permissions(to, fs::status(from).permissions());
    syncFile(to);
}

void copyTree(const fs::path& from, const fs::path& to) {
    createFolders(to);
    for (const auto& entry : fs::directory_iterator(from)) {
        const fs::path target = to / entry.path().filename();
        if (entry.is_directory() && !entry.is_symlink())
            copyTree(entry.path(), target);
        else if (entry.is_regular_file() || entry.is_symlink())
            copyOne(entry.path(), target);
    }
    fs::permissions(to, fs::status(from).permissions());
    syncFolder(to);
}

// A new file: the old one may be linked to the file of the data folder.
void rewriteParams(const fs::path& batch, const std::string& old_files,
                   const std::string& new_files) {
    const fs::path file = batch / "params.json";
    if (!fs::exists(file)) return;
    const std::string text = replaced(fileText(file), old_files, new_files);
    const fs::perms mode = fs::status(file).permissions();
    DurableFile durable(file);
    fs::permissions(file.string() + ".tmp", mode);  // it can contain passwords
    durable.write(text);
    durable.publish();
}

}  // namespace

void copyFiles(const fs::path& folder, const fs::path& store) {
    const std::string old_files = (folder / "batches/").string();
    const std::string new_files = (store / "batches/").string();
    for (const char* part : kParts) {
        if (!fs::exists(folder / part)) continue;
        createFolders(store / part);
        for (const auto& entry : fs::directory_iterator(folder / part)) {
            if (!entry.is_directory()) continue;
            const fs::path target = store / part / entry.path().filename();
            const fs::path unfinished = target.string() + ".copying";
            fs::remove_all(unfinished);
            fs::remove_all(target);
            copyTree(entry.path(), unfinished);
            rewriteParams(unfinished, old_files, new_files);
            fs::rename(unfinished, target);
        }
        syncFolder(store / part);
    }
}

void setFilesAside(const fs::path& folder) {
    for (const char* part : kParts)
        if (fs::exists(folder / part))
            fs::rename(folder / part, folder / (part + std::string(".copied")));
    syncFolder(folder);
}

}  // namespace sheafline
