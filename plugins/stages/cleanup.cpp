// Removes the files that the batch's stages left in its work folder, and an unfinished copy of its
// archive. Keeps artifacts, the archive and everything outside: names are resolved one by one from
// the open folder, links are removed and never followed, and other file systems are not entered.
#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include <sheafline/fault_point.h>
#include <sheafline/plugin.h>
#include <sheafline/shown_text.h>

namespace sheafline {

namespace {

constexpr int kDeepest = 64;  // one open folder per level

struct Options {
    explicit Options(Params&) {}
};

struct CloseFolder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

Folder openFolder(int parent, const char* name) {
    const int fd = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) throwSystemError(errno, std::string("cannot open the folder ") + name);
    DIR* folder = ::fdopendir(fd);
    if (folder == nullptr) {
        const int error_number = errno;
        ::close(fd);
        throwSystemError(error_number, std::string("cannot read the folder ") + name);
    }
    return Folder(folder);
}

struct stat statusOf(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) throwSystemError(errno, "cannot check the work folder");
    return status;
}

class Removal {
 public:
    // Keeps the folder `own`, which is in the work folder, and its contents.
    Removal(const std::filesystem::path& work_folder, const std::filesystem::path& own,
            StageRun& run)
        : run_(run), root_(openFolder(AT_FDCWD, work_folder.c_str())) {
        device_ = statusOf(::dirfd(root_.get())).st_dev;
        own_inode_ = statusOf(::dirfd(openFolder(AT_FDCWD, own.c_str()).get())).st_ino;
    }

    void run() { empty(root_.get(), 0); }

    std::uint64_t files() const { return files_; }
    std::uint64_t bytes() const { return bytes_; }

 private:
    void empty(DIR* folder, int depth) {
        const int fd = ::dirfd(folder);
        while (const dirent* item = nextOf(folder)) {
            throwIfStopped(run_.stop());
            const std::string name = item->d_name;
            struct stat status {};
            if (::fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
                if (errno == ENOENT) continue;
                throwSystemError(errno, "cannot check " + name);
            }
            if (!S_ISDIR(status.st_mode)) {
                removeFile(fd, name, status);
            } else if (status.st_dev != device_ || depth == kDeepest) {
                run_.log().warning("cleanup does not remove the folder " + name +
                                   ": it is on another file system, or nested too deeply");
            } else if (status.st_ino != own_inode_) {
                empty(openFolder(fd, name.c_str()).get(), depth + 1);
                remove(fd, name, AT_REMOVEDIR);
            }
        }
    }

    static const dirent* nextOf(DIR* folder) {
        const dirent* item = nullptr;
        do {
            errno = 0;
            item = ::readdir(folder);
            if (item == nullptr && errno != 0) throwSystemError(errno, "cannot read a folder");
        } while (item != nullptr &&
                 (std::string_view(item->d_name) == "." || std::string_view(item->d_name) == ".."));
        return item;
    }

    void removeFile(int fd, const std::string& name, const struct stat& status) {
        faultPoint("cleanup.remove");
        remove(fd, name, 0);
        ++files_;
        // A sheet may have a second link in the folder of its group.
        if (status.st_nlink == 1) bytes_ += static_cast<std::uint64_t>(status.st_size);
        if (files_ % 100 == 0) {
            run_.progress().publish({.message = "Removed " + counted(files_, "file")});
        }
    }

    void remove(int fd, const std::string& name, int flags) const {
        // A folder on another file system is kept, and so are the folders above it.
        if (::unlinkat(fd, name.c_str(), flags) != 0 && errno != ENOENT && errno != ENOTEMPTY) {
            throwSystemError(errno, "cannot remove " + name);
        }
    }

    StageRun& run_;
    const Folder root_;
    dev_t device_ = 0;
    ino_t own_inode_ = 0;
    std::uint64_t files_ = 0;
    std::uint64_t bytes_ = 0;
};

bool isInside(const std::filesystem::path& path, const std::filesystem::path& folder) {
    const auto canonical = std::filesystem::weakly_canonical(path);
    const auto outer = std::filesystem::weakly_canonical(folder);
    return std::mismatch(outer.begin(), outer.end(), canonical.begin(), canonical.end()).first ==
           outer.end();
}

// The files are removed next, so readers must not receive their paths any more.
void forgetPaths(SheetTable& sheets, const std::filesystem::path& work_folder) {
    for (int number = 1; number <= static_cast<int>(sheets.size()); ++number) {
        const std::filesystem::path inside = sheets.at(number).path.lexically_relative(work_folder);
        if (!inside.empty() && *inside.begin() != "..") sheets.setPath(number, {});
    }
    sheets.flush();
}

// MB of 2^20 bytes with two decimals, as in upload messages.
std::string megabytes(std::uint64_t bytes) {
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(),
                      static_cast<double>(bytes) / (1U << 20U), std::chars_format::fixed, 2);
    return std::string(text.data(), end.ptr) + "MB";
}

class Cleanup : public Stage {
 public:
    explicit Cleanup(Params&) {}

    void run(StageRun& run) override {
        if (isInside(run.batchFolder(), run.workFolder())) {
            throw Error(ErrorClass::permanent, "CLEANUP_REFUSED",
                        "the batch's artifacts are in its work folder, so nothing was removed");
        }
        run.progress().publish({.message = "Cleaning up"});
        // Nothing is removed of a batch that another server has taken over.
        run.requireOwnership();
        forgetPaths(run.sheets(), run.workFolder());
        Removal removal(run.workFolder(), run.folder(), run);
        removal.run();
        std::error_code gone;  // usually there is none
        for (const char* unfinished : {"archive.zip.tmp", "sheets.zip.tmp"})
            for (const auto& folder : run.epochFolders())
                std::filesystem::remove(folder / unfinished, gone);
        run.progress().publish({.message = "Removed " + counted(removal.files(), "file") + " (" +
                                           megabytes(removal.bytes()) + ")",
                                .done = 1,
                                .total = 1});
    }
};

}  // namespace

}  // namespace sheafline

const sheafline::PluginDescriptor sheafline_plugin{
    .kind = sheafline::PluginKind::stage,
    .name = "cleanup",
    .version = "1.0.0",
    .summary = "removes the files that the batch extracted; keeps its artifacts",
    .stage = sheafline::ProcessingStage::cleanup,
    .weight = 1,
    .restart = sheafline::Restart::from_item,
    .params = sheafline::paramsOf<sheafline::Options>,
    .make_stage = sheafline::makeStage<sheafline::Cleanup>};
