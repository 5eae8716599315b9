#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sheafline/copy_file.h>
#include <sheafline/durable_file.h>
#include <sheafline/error.h>
#include <sheafline/fault_point.h>
#include <sheafline/sqlite/database.h>

#include "backup/backup.h"
#include "backup/backup_manifest.h"
#include "backup/staged_folder.h"
#include "base/file_digest.h"

namespace sheafline {

namespace {

namespace fs = std::filesystem;

constexpr unsigned kFolderMode = 0750;

[[noreturn]] void rejectDamaged(const fs::path& file, const std::string& why) {
    throw Error(
        ErrorClass::permanent, "BACKUP_DAMAGED",
        file.string() + " is damaged: " + why + "; restore another backup. Nothing was restored");
}

FileDescriptor openBackupFile(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(fs::symlink_status(file, error))) rejectDamaged(file, "it is missing");
    return openFile(file, O_RDONLY | O_NOFOLLOW);
}

void restoreFile(const BackupFile& entry, const fs::path& source, const fs::path& target) {
    const FileDescriptor from = openBackupFile(source);
    createFolders(target.parent_path());
    {
        const FileDescriptor to = openFile(target, O_CREAT | O_TRUNC | O_RDWR | O_NOFOLLOW, 0600);
        copyFile(from.get(), to.get(), source.string());
        if (::fchmod(to.get(), entry.mode) != 0 || ::fsync(to.get()) != 0)
            throwSystemError(errno, "cannot write " + target.string());
    }
    if (fs::file_size(target) != entry.size) rejectDamaged(source, "it has another size");
    if (sha256OfFile(target) != entry.sha256) rejectDamaged(source, "its digest differs");
    faultPoint("restore.copied");
}

// An administrator who restores as root leaves the files to the user that made the backup.
void giveToOwnerOf(const fs::path& backup, const fs::path& folder) {
    struct stat status {};
    if (::geteuid() != 0 || ::stat(backup.c_str(), &status) != 0) return;
    const auto give = [&](const fs::path& path) {
        if (::lchown(path.c_str(), status.st_uid, status.st_gid) != 0)
            throwSystemError(errno, "cannot change the owner of " + path.string());
    };
    give(folder);
    for (const auto& item : fs::recursive_directory_iterator(folder)) give(item.path());
}

}  // namespace

BackupReport restoreBackup(const fs::path& backup, const fs::path& data_folder) {
    const BackupManifest manifest = readManifest(backup);
    StagedFolder staged(data_folder);
    BackupReport report{.files = manifest.files.size()};
    for (const BackupFile& entry : manifest.files) {
        restoreFile(entry, backup / kBackupData / entry.path, staged.path() / entry.path);
        report.bytes += entry.size;
    }
    {
        sqlite::Database history(staged.path() / "history.db",
                                 {.mode = sqlite::OpenMode::read_only});
        report.batches =
            static_cast<std::size_t>(history.integerOf("SELECT count(*) FROM batches"));
    }
    if (::chmod(staged.path().c_str(), kFolderMode) != 0)
        throwSystemError(errno, "cannot change the mode of " + staged.path().string());
    giveToOwnerOf(backup, staged.path());
    staged.publish();
    return report;
}

}  // namespace sheafline
